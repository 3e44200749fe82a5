"""Every primitive of the DSL as a step that a person would say, and a name for what it gives.

    argmax   | take the one of {0} with the largest {1} | the chosen one

The numbers stand for the arguments, in words (`words`). Longer explanations are in the primitives' own docs
(`arc_submit.dsl.registry`); a test checks that every primitive has its line here.
"""

import ast
from collections.abc import Mapping

from arc_submit.dsl.registry import CONSTANTS, PRIMITIVES
from arc_submit.symbolic.grammar import COLOUR_PARAMETERS
from arc_submit.symbolic.program import INPUT, Line

_TABLE = """
add | add {0} and {1} | the sum
subtract | subtract {1} from {0} | the difference
multiply | multiply {0} by {1} | the product
divide | divide {0} by {1}, rounded down | the quotient
invert | change the sign of {0} | the negative
even | see whether {0} is even | whether it is even
double | double {0} | the double
halve | halve {0} | the half
increment | add one to {0} | one more
decrement | take one from {0} | one less
crement | move {0} one step away from zero | the longer step
sign | take the sign of {0} | the sign
positive | see whether {0} is above zero | whether it is positive
toivec | make a step of {0} rows down | the step down
tojvec | make a step of {0} columns to the right | the step right
maximum | take the largest of {0} | the largest number
minimum | take the smallest of {0} | the smallest number
flip | turn {0} into its opposite | the opposite
both | ask for {0} and {1} together | whether both hold
either | ask for {0} or {1} | whether one holds
equality | see whether {0} and {1} are equal | whether they are equal
greater | see whether {0} is larger than {1} | whether it is larger
contained | see whether {0} is in {1} | whether it is in there
branch | take {1} if {0} is true, else {2} | the choice
identity | keep {0} as it is | the same
size | count {0} | the count
combine | put {0} and {1} together | both together
intersection | keep what {0} and {1} share | what they share
difference | take {1} out of {0} | what is left
dedupe | keep each of {0} once | the distinct ones
order | sort {0} by {1} | the sorted ones
repeat | repeat {0} {1} times | the repetitions
merge | merge {0} into one | the merged cells
valmax | find the largest {1} among {0} | the largest value
valmin | find the smallest {1} among {0} | the smallest value
argmax | take the one of {0} with the largest {1} | the chosen one
argmin | take the one of {0} with the smallest {1} | the chosen one
mostcommon | take the most frequent of {0} | the most frequent one
leastcommon | take the least frequent of {0} | the rarest one
initset | make a set of {0} alone | the set
sfilter | keep what satisfies {1} of {0} | the kept ones
mfilter | keep what satisfies {1} of {0}, as one patch | the kept cells
extract | take the first of {0} that satisfies {1} | the found one
totuple | list {0} in order | the list
first | take the first of {0} | the first one
last | take the last of {0} | the last one
insert | add {0} to {1} | the larger set
remove | remove {0} from {1} | the others
other | take the one of {0} that is not {1} | the other one
interval | count from {0} up to {1} in steps of {2} | the numbers
astuple | pair {0} with {1} | the pair
product | pair everything in {0} with everything in {1} | the pairs
pair | pair {0} and {1} one by one | the pairs
sizefilter | keep what has exactly {1} cells of {0} | the objects of that size
apply | do {0} to each of {1} | the results
rapply | do each of {0} to {1} | the results
mapply | do {0} to each of {1} and merge the results | the merged results
papply | do {0} to {1} and {2}, item by item | the results
mpapply | do {0} to {1} and {2}, item by item, and merge | the merged results
prapply | do {0} to every pair out of {1} and {2} | the results
compose | prepare a function: first {1}, then {0} | that function
chain | prepare a function: first {2}, then {1}, then {0} | that function
matcher | prepare a test: whether {0} gives {1} | that test
rbind | prepare {0} with {1} as its last argument | that function
lbind | prepare {0} with {1} as its first argument | that function
power | prepare to do {0} {1} times in a row | that function
fork | prepare a function that joins {1} and {2} by {0} | that function
mostcolor | find the commonest colour of {0} | the commonest colour
leastcolor | find the rarest colour of {0} | the rarest colour
colorcount | count the cells of {1} in {0} | the count
colorfilter | keep what has {1} of {0} | the objects of that colour
palette | list the colours of {0} | its colours
numcolors | count the colours of {0} | the number of colours
color | take the colour of {0} | its colour
replace | turn {1} into {2} in {0} | the recoloured grid
switch | exchange {1} and {2} in {0} | the grid with colours exchanged
recolor | give {1} the colour {0} | the recoloured patch
height | measure the height of {0} | the height
width | measure the width of {0} | the width
shape | measure height and width of {0} | the size
portrait | see whether {0} is higher than wide | whether it is upright
square | see whether {0} is a square | whether it is square
vline | see whether {0} is a vertical line | whether it is a vertical line
hline | see whether {0} is a horizontal line | whether it is a horizontal line
uppermost | find the top row of {0} | its top row
lowermost | find the bottom row of {0} | its bottom row
leftmost | find the left column of {0} | its left column
rightmost | find the right column of {0} | its right column
ulcorner | take the upper left corner of {0} | its upper left corner
urcorner | take the upper right corner of {0} | its upper right corner
llcorner | take the lower left corner of {0} | its lower left corner
lrcorner | take the lower right corner of {0} | its lower right corner
corners | take the four corners of {0} | its corners
center | take the middle of {0} | its middle
centerofmass | take the centre of mass of {0} | its centre of mass
asindices | take all places of {0} | all places
ofcolor | find the cells of {1} in {0} | the cells of that colour
toindices | take the places of {0} | its places
shift | move {0} by {1} | the moved patch
normalize | move {0} to the upper left corner | the patch at the corner
dneighbors | take the 4 places beside {0} | the places beside it
ineighbors | take the 4 places diagonal to {0} | the diagonal places
neighbors | take the 8 places around {0} | the places around it
connect | draw a line from {0} to {1} | the line
shoot | shoot a ray from {0} towards {1} | the ray
vfrontier | take the whole column through {0} | the column
hfrontier | take the whole row through {0} | the row
backdrop | take every place in the box of {0} | its box
delta | take the places in the box of {0} that it leaves free | the gaps in its box
box | take the outline of {0} | its outline
inbox | take the outline one step inside {0} | the inner outline
outbox | take the outline one step outside {0} | the outer outline
hmatching | see whether {0} and {1} share a row | whether they share a row
vmatching | see whether {0} and {1} share a column | whether they share a column
manhattan | measure how far {0} is from {1} | the distance
adjacent | see whether {0} touches {1} | whether they touch
bordering | see whether {0} touches the edge of {1} | whether it is at the edge
position | find in which direction {1} lies from {0} | the direction
gravitate | find how far {0} must go to touch {1} | the way to go
objects | find the objects of {0}{1}{2}{3} | the objects
partition | split {0} by colour | the parts by colour
fgpartition | split {0} by colour, without the background | the parts by colour
toobject | take the cells of {1} at {0} | the cells there
asobject | take all cells of {0} | all its cells
frontiers | find the one-coloured rows and columns of {0} | the full lines
rot90 | turn {0} clockwise | the turned grid
rot180 | turn {0} by half a turn | the grid turned around
rot270 | turn {0} anticlockwise | the grid turned back
hmirror | turn {0} upside down | the upside-down image
vmirror | mirror {0} left to right | the mirror image
dmirror | exchange rows and columns of {0} | the image along the diagonal
cmirror | mirror {0} along the other diagonal | the image along the other diagonal
fill | colour {2} with {1} in {0} | the coloured grid
paint | draw {1} on {0} | the painted grid
underfill | colour {2} with {1} in {0}, on the background only | the coloured grid
underpaint | draw {1} on {0}, on the background only | the painted grid
cover | wipe {1} out of {0} | the cleaned grid
move | move {1} by {2} in {0} | the grid after the move
canvas | make a plain grid of {0}, {1} large | the plain grid
crop | cut a piece of {2} out of {0} at {1} | the piece
subgrid | cut {0} out of {1} | the cut-out
trim | take the frame off {0} | the inside
tophalf | take the upper half of {0} | the upper half
bottomhalf | take the lower half of {0} | the lower half
lefthalf | take the left half of {0} | the left half
righthalf | take the right half of {0} | the right half
hsplit | split {0} into {1} parts side by side | the parts
vsplit | split {0} into {1} parts above each other | the parts
hconcat | put {0} and {1} side by side | the two side by side
vconcat | put {0} above {1} | the two above each other
hupscale | stretch {0} sideways, {1} times | the wider grid
vupscale | stretch {0} downwards, {1} times | the higher grid
upscale | blow {0} up {1} times | the larger one
downscale | shrink {0} {1} times | the smaller grid
compress | drop the one-coloured rows and columns of {0} | the squeezed grid
cellwise | compare {0} and {1} cell by cell, {2} where they differ | the comparison
index | read the colour of {0} at {1} | the colour there
occurrences | find where {1} occurs in {0} | the places where it occurs
hperiod | find after how many columns {0} repeats | the period
vperiod | find after how many rows {0} repeats | the period
"""


def _read() -> dict[str, tuple[str, str]]:
    rows = (row.split(" | ") for row in _TABLE.strip().split("\n"))
    return {name: (step, noun) for name, step, noun in rows}


PHRASES: Mapping[str, tuple[str, str]] = _read()
"""Name -> (step, name of what it gives)."""

_WAYS = {
    "UP": "one up", "DOWN": "one down", "LEFT": "one left", "RIGHT": "one right", "UNITY": "one down and right",
    "NEG_UNITY": "one up and left", "UP_RIGHT": "one up and right", "DOWN_LEFT": "one down and left",
}  # fmt: skip
_MOVES = frozenset({"shift", "shoot", "move", "add", "subtract", "multiply", "lbind", "rbind"})
_FLAGS = (
    {"T": ", one colour each", "F": ", colours together"},
    {"T": ", corners connect", "F": ", only edges connect"},
    {"T": ", without the background", "F": ", background too"},
)


def words(line: Line, place: int, nouns: Mapping[str, str]) -> str:
    """Return one argument of a line in words; `nouns` are those of the variables above it."""
    text = line.arguments[place]
    if text in nouns:
        return nouns[text]
    if line.callee == "objects" and 1 <= place <= 3:
        return _FLAGS[place - 1].get(text, "")
    if text == INPUT:
        return "the input"
    if text in PRIMITIVES:
        return text
    value = CONSTANTS[text] if text in CONSTANTS else ast.literal_eval(text)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        moved = line.callee in _MOVES and text in _WAYS
        return _WAYS[text] if moved else f"{value[0]} by {value[1]}" if min(value) > 0 else str(value)
    parameters = PRIMITIVES[line.callee].parameters if line.callee in PRIMITIVES else ()
    coloured = place < len(parameters) and (line.callee, parameters[place][0]) in COLOUR_PARAMETERS
    return f"colour {value}" if coloured else str(value)


def step(line: Line, nouns: Mapping[str, str]) -> str:
    """Return what a line does, e.g. `take the one of the objects with the largest size`."""
    arguments = [words(line, place, nouns) for place in range(len(line.arguments))]
    if line.callee not in PHRASES:  # a function made by an earlier line
        return f"apply {nouns.get(line.callee, line.callee)} to {' and '.join(arguments)}"
    if len(arguments) != len(PRIMITIVES[line.callee].parameters):
        return f"{line.callee} of {' and '.join(arguments) or 'nothing'}"
    return (
        PHRASES[line.callee][0]
        .format(*arguments)
        .replace("the colour colour", "colour")
        .replace("the colour the", "the")
    )
