"""The dry run: the kernel's own entry, on this machine, in a place like Kaggle's.

    inputs     what is mounted: the competition's files, the code bundle, wheels; in the new layout and the old one
    place      where it runs: namespaces, else plain folders (weaker), else the official image; and the clock's wall
    inside     the process that makes the namespaces, checks them, starts the kernel and ends what it leaves
    outcome    what came of it: verdict, hand-in, score, report
    rehearsal  all of it in order

Like Kaggle: no network but 127.0.0.1, inputs that cannot be written, a working folder with a cap, a host that cannot be
written either, the rights of a container's root, an environment without this machine's secrets, a session that ends.
The home of who runs it and the dry run's own folder (with the answers) are empty inside; other files can be read there.
Not like it: the machine, its GPUs, its image (but with docker), its speed, network disks, the hidden tasks.
"""
