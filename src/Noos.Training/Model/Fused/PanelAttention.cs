using Noos.Training.Kernels;

namespace Noos.Training.Model.Fused;

/// <summary>
/// Attention by our own kernels. Keys and values are packed once per head, and blocks of queries use leading parts of them.
/// </summary>
sealed unsafe class PanelAttention(
    TileKernel kernel, int heads, int keyValueHeads, int headLength, int contextLength, float? scoreScale = null, int window = int.MaxValue)
    : CausalAttention(heads, keyValueHeads, headLength, contextLength, scoreScale, window)
{
    readonly Gemm _gemm = new(kernel);
    readonly PanelPacker _packer = new(kernel);
    readonly CellBuffer _keys = new();
    readonly CellBuffer _values = new();
    readonly CellBuffer _queries = new();
    readonly CellBuffer _outputs = new();

    /// <summary>dS of one head: [context, stride].</summary>
    public override long ScratchLength => (long)ContextLength * Stride;

    public override void Forward(
        float* query, float* key, float* value, int valueStride, float* probabilities, float* mixed, int rows)
    {
        var width = Heads * HeadLength;

        // Grouped queries: neighbouring query heads share a key-value head.
        var groupSize = Heads / KeyValueHeads;
        for (var group = 0; group < KeyValueHeads; group++)
        {
            var keys = PackTransposed(_keys, key + ((long)group * rows * HeadLength), HeadLength, rows);
            var values = Pack(_values, value + (group * HeadLength), valueStride, rows);
            for (var head = group * groupSize; head < (group + 1) * groupSize; head++)
            {
                var p = probabilities + ((long)head * ContextLength * Stride);
                for (var start = 0; start < rows; start += QueryBlock)
                {
                    var count = Math.Min(QueryBlock, rows - start);
                    var seen = Seen(start, count);
                    var block = p + ((long)start * Stride);

                    // S[count, seen] = Q · Kᵀ
                    _gemm.Multiply(
                        TileLayout.ByRow, query + ((((long)head * rows) + start) * HeadLength), HeadLength, keys, 0, count, seen,
                        HeadLength, block, Stride, accumulate: false);
                    for (var row = 0; row < count; row++)
                    {
                        Softmax(block + ((long)row * Stride), start + row + 1, seen);
                    }

                    // O[count, head length] = P · V, straight into the head's columns of the row.
                    _gemm.Multiply(
                        TileLayout.ByRow, block, Stride, values, 0, count, HeadLength, start + count,
                        mixed + ((long)start * width) + (head * HeadLength), width, accumulate: false);
                }
            }
        }
    }

    public override void Backward(
        float* query, float* key, float* value, int valueStride, float* probabilities, float* dMixed,
        float* dQuery, float* dKey, float* dValue, float* scratch, int rows)
    {
        var width = Heads * HeadLength;
        var groupSize = Heads / KeyValueHeads;
        for (var group = 0; group < KeyValueHeads; group++)
        {
            var values = PackTransposed(_values, value + (group * HeadLength), valueStride, rows);
            var keys = Pack(_keys, key + ((long)group * rows * HeadLength), HeadLength, rows);
            for (var head = group * groupSize; head < (group + 1) * groupSize; head++)
            {
                var p = probabilities + ((long)head * ContextLength * Stride);
                for (var start = 0; start < rows; start += QueryBlock)
                {
                    var count = Math.Min(QueryBlock, rows - start);
                    var seen = Seen(start, count);
                    var gradient = scratch + ((long)start * Stride);
                    var dOut = dMixed + ((long)start * width) + (head * HeadLength);

                    // dP = dO · Vᵀ, and from it dS.
                    _gemm.Multiply(
                        TileLayout.ByRow, dOut, width, values, 0, count, seen, HeadLength, gradient, Stride, accumulate: false);
                    for (var row = 0; row < count; row++)
                    {
                        SoftmaxBackward(p + ((long)(start + row) * Stride), gradient + ((long)row * Stride), seen);
                    }

                    // dQ = dS · K. Above the diagonal dS is zero because P is: no mask is needed.
                    _gemm.Multiply(
                        TileLayout.ByRow, gradient, Stride, keys, 0, count, HeadLength, start + count,
                        dQuery + ((((long)head * rows) + start) * HeadLength), HeadLength, accumulate: false);
                }

                // dV += Pᵀ · dO and dK += dSᵀ · Q: a block of keys is seen by all queries from its own start on.
                var outputs = Pack(_outputs, dMixed + (head * HeadLength), width, rows);
                var queries = Pack(_queries, query + ((long)head * rows * HeadLength), HeadLength, rows);
                for (var start = 0; start < rows; start += QueryBlock)
                {
                    var count = Math.Min(QueryBlock, rows - start);
                    var diagonal = ((long)start * Stride) + start;
                    _gemm.Multiply(
                        TileLayout.ByColumn, p + diagonal, Stride, outputs, start, count, HeadLength, rows - start,
                        dValue + ((long)start * valueStride) + (group * HeadLength), valueStride, accumulate: true);
                    _gemm.Multiply(
                        TileLayout.ByColumn, scratch + diagonal, Stride, queries, start, count, HeadLength, rows - start,
                        dKey + ((((long)group * rows) + start) * HeadLength), HeadLength, accumulate: head % groupSize > 0);
                }
            }
        }
    }

    public override void Dispose()
    {
        _gemm.Dispose();
        _packer.Dispose();
        _keys.Dispose();
        _values.Dispose();
        _queries.Dispose();
        _outputs.Dispose();
    }

    /// <summary>
    /// Keys that a block of queries computes scores for: to the end of the last panel, so that no tile has an edge. The softmax makes zeros
    /// of what a query must not see.
    /// </summary>
    int Seen(int start, int count) => Math.Min(Stride, (start + count + kernel.Columns - 1) / kernel.Columns * kernel.Columns);

    // Bᵀ of one head [rows, head length]: products run over the head length, columns are positions.
    Panels PackTransposed(CellBuffer buffer, float* matrix, int stride, int rows)
    {
        var panels = Panels.At(buffer.Require(Panels.Length(kernel, HeadLength, rows)), kernel, HeadLength);
        _packer.PackTransposed(matrix, stride, rows, HeadLength, panels);
        return panels;
    }

    // One head [rows, head length]: products run over positions.
    Panels Pack(CellBuffer buffer, float* matrix, int stride, int rows)
    {
        var panels = Panels.At(buffer.Require(Panels.Length(kernel, rows, HeadLength)), kernel, rows);
        _packer.Pack(matrix, stride, HeadLength, rows, panels);
        return panels;
    }
}
