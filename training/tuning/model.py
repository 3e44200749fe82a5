"""The base in memory, with a fresh adapter on it or all weights free: from safetensors only, no code of its own.

    base --(dtype, 4 bits, attention)--> model --(LoRA, rsLoRA, DoRA; or nothing)--> what trains

Left out: adapters on embeddings and the head, a base split over several devices.
"""

import json
import os
from importlib import import_module, util
from pathlib import Path
from typing import Any

from arc_submit.config import SampleConfig
from arc_submit.errors import ConfigError, WeightsError
from arc_submit.sample import checkpoint
from training import manifest
from training.tuning.settings import Settings

SMALL = 10**8  # parameters up to which shards are small enough for a repository
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]


def resolve(model: str) -> checkpoint.Checkpoint:
    """Return the checked model folder.

    Raises:
        WeightsError: missing, damaged, not on the list of architectures, or with code of its own.
    """
    return checkpoint.resolve(SampleConfig(model=model, adapter=None))


def on_accelerator(settings: Settings) -> bool:
    """Return whether the run uses a CUDA device."""
    import torch

    return bool(torch.cuda.is_available()) and settings.device != "cpu"


def check(settings: Settings) -> None:
    """Make sure that this machine has what the settings ask for, before anything heavy loads.

    Raises:
        ConfigError: naming the setting and what is missing.
    """
    cuda = on_accelerator(settings)
    if cuda and settings.driver == "trl" and "LOCAL_RANK" not in os.environ:
        _check_alone()
    wanted = (
        (settings.hold.bits == 4, "hold.bits=4", "bitsandbytes", "take hold.bits=16"),
        (settings.hold.liger, "hold.liger", "liger_kernel", "leave it out"),
        (settings.hold.unsloth, "hold.unsloth", "unsloth", "leave it out"),
        (settings.hold.attention == "flash_attention_2", "hold.attention", "flash_attn", "take auto"),
    )
    for asked, name, package, instead in wanted:
        if asked and not cuda:
            raise ConfigError(f"{name} needs a CUDA device, and none is used here; {instead}")
        if asked and util.find_spec(package) is None:
            raise ConfigError(f"{name} needs the package {package.replace('_', '-')}: install it, or {instead}")
    if settings.hold.unsloth and not settings.lora.rank:
        raise ConfigError("hold.unsloth is for adapters; set lora.rank, or leave it out")


def _check_alone() -> None:
    """One process with several devices would have the library copy the model to each of them, which our loss is not
    made for."""
    import torch

    count = torch.cuda.device_count()
    if count > 1:
        raise ConfigError(
            f"{count} devices are visible, and the trl driver wants a process for each: start it by `accelerate launch "
            f"--num_processes {count} -m training.sft ...`, or with CUDA_VISIBLE_DEVICES=0 before the command"
        )


def placed(model: Any, settings: Settings) -> Any:
    """Return the model, moved to the device that it trains on."""
    there = settings.hold.bits == 4 or settings.hold.unsloth  # loaded to where it belongs
    if on_accelerator(settings) and not there:
        model.to(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    return model


def dtype(settings: Settings) -> Any:
    """Return the torch dtype that the base is held in."""
    import torch

    if settings.hold.dtype != "auto":
        return getattr(torch, settings.hold.dtype)
    halves = settings.lora.rank and on_accelerator(settings) and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if halves else torch.float32


def build(folder: Path, settings: Settings, context: int) -> Any:
    """Return the model that trains.

    Args:
        context: tokens of the longest example; only unsloth wants to know.

    Raises:
        WeightsError: weights and config.json do not belong together.
        ConfigError: settings that peft refuses.
    """
    import torch

    torch.manual_seed(settings.seed)
    if settings.hold.unsloth:
        return _unsloth(folder, settings, context)
    model = load(folder, settings)
    if settings.hold.bits == 4:
        from peft import prepare_model_for_kbit_training

        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.hold.checkpointing)
    elif settings.hold.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    return adapted(model, settings) if settings.lora.rank else model


def load(folder: Path, settings: Settings) -> Any:
    """Return the bare base."""
    import transformers

    given: dict[str, Any] = {}
    if settings.hold.attention != "auto":
        given["attn_implementation"] = settings.hold.attention
    if settings.hold.bits == 4:
        import torch

        given["quantization_config"] = transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
        given["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0"))}
    try:
        model, report = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype(settings),
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
            **given,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        line = " ".join(str(error).split())[:200]
        raise WeightsError(f"{folder}: weights and config.json do not belong together ({line})") from None
    missing = sorted(report["missing_keys"])
    if missing:  # the library would make them up at random
        raise WeightsError(f"{folder}: the weights lack {missing[0]} (of {len(missing)}); copy the folder again")
    return model


def adapted(model: Any, settings: Settings) -> Any:
    """Return the model with a fresh adapter; only the adapter trains."""
    from peft import get_peft_model

    return get_peft_model(model, peft_settings(settings))


def peft_settings(settings: Settings) -> Any:
    """Return peft's form of the adapter's settings."""
    from peft import LoraConfig

    lora = settings.lora
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules="all-linear" if lora.modules == "all" else ATTENTION,
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        task_type="CAUSAL_LM",
    )


def _unsloth(folder: Path, settings: Settings, context: int) -> Any:
    """The base and its adapter by unsloth. Written after its documentation, never run: it imports with CUDA only."""
    lora = settings.lora
    fast: Any = import_module("unsloth").FastLanguageModel
    model, _ = fast.from_pretrained(
        model_name=str(folder),
        max_seq_length=context,
        dtype=dtype(settings),
        load_in_4bit=settings.hold.bits == 4,
        trust_remote_code=False,
        local_files_only=True,
    )
    return fast.get_peft_model(
        model,
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=[*ATTENTION, *(["gate_proj", "up_proj", "down_proj"] if lora.modules == "all" else [])],
        use_rslora=lora.rslora,
        use_dora=lora.dora,
        use_gradient_checkpointing="unsloth" if settings.hold.checkpointing else False,
        random_state=settings.seed,
    )


def save(model: Any, folder: Path, base: Path) -> None:
    """Write what was trained: an adapter, or the whole model with the base's tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    if hasattr(model, "peft_config"):
        model.save_pretrained(folder, safe_serialization=True)
        (folder / "README.md").unlink(missing_ok=True)  # an empty card that names a path of this machine
        card = folder / "adapter_config.json"
        settings = json.loads(card.read_text("utf-8"))
        settings["base_model_name_or_path"] = base.name  # not the folder of this machine
        settings["target_modules"] = sorted(settings["target_modules"])
        card.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", "utf-8")
        return
    model.save_pretrained(folder, max_shard_size=shard_size(model))
    copy_texts(base, folder)


def shard_size(model: Any) -> str:
    """Return the size of a weights file: small enough for a repository where the model is small."""
    return manifest.SHARD if sum(weight.numel() for weight in model.parameters()) < SMALL else "5GB"


TEXTS = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "generation_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
)
"""What belongs to a model beside its weights and config.json, where it is there."""


def copy_texts(base: Path, folder: Path) -> None:
    """Copy tokenizer, chat template and generation settings as they stand."""
    for name in TEXTS:
        if (base / name).is_file():
            (folder / name).write_bytes((base / name).read_bytes())
