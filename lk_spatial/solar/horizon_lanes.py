"""Arithmetic on several observers at once: neighbours in a row meet neighbouring pixels, which lie together in memory.

Numba leaves such short loops to chance, so the vector instructions are written down; LLVM fits them to the processor.
Nothing is fused or reordered: the result is that of the plain formulas in the docstrings, in float32.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from lk_spatial.solar.horizon_rays import SLOTS
from lk_spatial.solar.horizon_relief import LANES

VECTOR = ir.VectorType(ir.FloatType(), LANES)


@intrinsic
def lift(
    typing: Any, surface: Any, base: Any, places: Any, weights: Any, leaf: Any, heights: Any, best: Any
) -> Any:  # fmt: skip
    """Lift ``best`` (LANES,) to the largest tangent over the crossings of a leaf; whether one rose.

    All arrays are flat, ``leaf`` counts over all azimuths. Lane n stands at ``heights[n]`` on pixel ``base + n``.
    With near = surface at the crossing's nearer centre − height, far = the same at the farther one:
    tangent = (min(near + (far − near) · part, max(near, far)) − drop) · inverse; the minimum, because rounding must not
    lift the crossing above both of its ends.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        surface, base, places, weights, leaf, heights, best = _pointers(context, builder, signature, values)
        z0, before = _load(builder, heights), _load(builder, best)
        most = cgutils.alloca_once_value(builder, before)
        n_slots = ir.Constant(leaf.type, SLOTS)
        with cgutils.for_range(builder, n_slots) as loop:

            def slot(field: int, fields: int) -> Any:
                first = builder.add(builder.mul(leaf, leaf.type(fields)), leaf.type(field))
                return builder.add(builder.mul(first, n_slots), loop.index)

            def weight(field: int) -> Any:
                return _splat(builder, builder.load(builder.gep(weights, [slot(field, 3)])))

            def rise(side: int) -> Any:
                place = builder.load(builder.gep(places, [slot(side, 2)]))
                pixel = builder.add(base, builder.sext(place, base.type))
                return builder.fsub(_load(builder, builder.gep(surface, [pixel])), z0)

            near, far = rise(0), rise(1)
            between = builder.fadd(near, builder.fmul(builder.fsub(far, near), weight(0)))
            lower = _choose(builder, "<", between, _choose(builder, ">", near, far))
            tangent = builder.fmul(builder.fsub(lower, weight(2)), weight(1))
            builder.store(_choose(builder, ">", tangent, builder.load(most)), most)
        after = builder.load(most)
        _save(builder, after, best)
        return _any(builder, builder.fcmp_ordered(">", after, before))

    return types.boolean(surface, types.int64, places, weights, types.int64, heights, best), generate


@intrinsic
def rises(typing: Any, top: Any, inverse: Any, drop: Any, heights: Any, best: Any) -> Any:
    """Whether a height ``top`` would rise above ``best`` of any lane: ((top − height) − drop) · inverse > best."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        top, inverse, drop, heights, best = _pointers(context, builder, signature, values)
        rise = builder.fsub(builder.fsub(_splat(builder, top), _load(builder, heights)), _splat(builder, drop))
        tangent = builder.fmul(rise, _splat(builder, inverse))
        return _any(builder, builder.fcmp_ordered(">", tangent, _load(builder, best)))

    return types.boolean(types.float32, types.float32, types.float32, heights, best), generate


def _pointers(context: Any, builder: Any, signature: Any, values: Any) -> list[Any]:
    """The arguments, arrays as pointers to their data."""
    return [
        context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, values, strict=True)
    ]


def _load(builder: Any, pointer: Any) -> Any:
    """LANES numbers from memory, wherever they begin."""
    return builder.load(builder.bitcast(pointer, VECTOR.as_pointer()), align=4)


def _save(builder: Any, vector: Any, pointer: Any) -> None:
    builder.store(vector, builder.bitcast(pointer, VECTOR.as_pointer()), align=4)


def _splat(builder: Any, number: Any) -> Any:
    """The same number in all lanes."""
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ir.IntType(32)(0))
    return builder.shuffle_vector(
        one, ir.Constant(VECTOR, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    )


def _choose(builder: Any, sign: str, one: Any, other: Any) -> Any:
    """In each lane ``one`` where it compares so with ``other``, else ``other``."""
    return builder.select(builder.fcmp_ordered(sign, one, other), one, other)


def _any(builder: Any, flags: Any) -> Any:
    """Whether any lane is true."""
    bits = ir.IntType(LANES)
    return builder.icmp_unsigned("!=", builder.bitcast(flags, bits), bits(0))
