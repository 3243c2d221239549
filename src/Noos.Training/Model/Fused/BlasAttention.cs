namespace Noos.Training.Model.Fused;

/// <summary>Attention by the BLAS inside libtorch: the reference.</summary>
sealed unsafe class BlasAttention(int heads, int keyValueHeads, int headLength, int contextLength)
    : CausalAttention(heads, keyValueHeads, headLength, contextLength)
{
    public override long ScratchLength => (long)QueryBlock * Stride;

    public override void Forward(float* query, float* key, float* value, int valueStride, float* probabilities, float* mixed, int rows)
    {
        for (var head = 0; head < Heads; head++)
        {
            // Grouped queries: neighbouring query heads share a key-value head.
            var group = head / (Heads / KeyValueHeads);
            var p = probabilities + ((long)head * ContextLength * Stride);
            for (var start = 0; start < rows; start += QueryBlock)
            {
                var count = Math.Min(QueryBlock, rows - start);
                var seen = start + count;
                var block = p + ((long)start * Stride);

                // S[count, seen] = Q · Kᵀ
                Blas.TimesTransposed(
                    count, seen, HeadLength, 1, query + ((((long)head * rows) + start) * HeadLength), HeadLength,
                    key + ((long)group * rows * HeadLength), HeadLength, 0, block, Stride);
                for (var row = 0; row < count; row++)
                {
                    Softmax(block + ((long)row * Stride), start + row + 1, seen);
                }

                // O[count, head length] = P · V, straight into the head's columns of the row.
                Blas.Times(
                    count, HeadLength, seen, 1, block, Stride, value + (group * HeadLength), valueStride, 0,
                    mixed + ((long)start * Heads * HeadLength) + (head * HeadLength), Heads * HeadLength);
            }
        }
    }

    public override void Backward(
        float* query, float* key, float* value, int valueStride, float* probabilities, float* dMixed,
        float* dQuery, float* dKey, float* dValue, float* scratch, int rows)
    {
        // Keys of a group collect from several query heads and blocks, so they are added to; queries are met once and written.
        new Span<float>(dKey, KeyValueHeads * rows * HeadLength).Clear();
        var width = Heads * HeadLength;
        for (var head = 0; head < Heads; head++)
        {
            var group = head / (Heads / KeyValueHeads);
            var keys = key + ((long)group * rows * HeadLength);
            var dKeys = dKey + ((long)group * rows * HeadLength);
            var p = probabilities + ((long)head * ContextLength * Stride);
            for (var start = 0; start < rows; start += QueryBlock)
            {
                var count = Math.Min(QueryBlock, rows - start);
                var seen = start + count;
                var block = p + ((long)start * Stride);
                var queries = query + ((((long)head * rows) + start) * HeadLength);
                var dOut = dMixed + ((long)start * width) + (head * HeadLength);

                // dV += Pᵀ · dO, then dP = dO · Vᵀ.
                Blas.TransposedTimes(seen, HeadLength, count, 1, block, Stride, dOut, width, 1, dValue + (group * HeadLength), valueStride);
                Blas.TimesTransposed(
                    count, seen, HeadLength, 1, dOut, width, value + (group * HeadLength), valueStride, 0, scratch, Stride);
                for (var row = 0; row < count; row++)
                {
                    SoftmaxBackward(block + ((long)row * Stride), scratch + ((long)row * Stride), seen);
                }

                // dQ = dS · K and dK += dSᵀ · Q. Above the diagonal dS is zero because P is: no mask is needed.
                Blas.Times(
                    count, HeadLength, seen, 1, scratch, Stride, keys, HeadLength, 0,
                    dQuery + ((((long)head * rows) + start) * HeadLength), HeadLength);
                Blas.TransposedTimes(seen, HeadLength, count, 1, scratch, Stride, queries, HeadLength, 1, dKeys, HeadLength);
            }
        }
    }

    public override void Dispose()
    {
        // All memory is the caller's.
    }
}
