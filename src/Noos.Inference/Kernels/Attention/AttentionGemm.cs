using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// Float micro-kernels of attention: rows of numbers times [columns][32 rows] of a page, once for scores (query . keys) and once for sums
/// of values. Each output is one chain of fused multiply-adds from the first column to the last, so all tiles give the same bits.
/// </summary>
static unsafe class AttentionGemm
{
    /// <summary>output[query, row] = initial[query, row] + sum over columns of input[query, column] * panel[column, row].</summary>
    /// <param name="panel">[columns][32]</param>
    /// <param name="columns">Columns of the panel.</param>
    /// <param name="input">[count, inputStride]; one row behind the last may be read.</param>
    /// <param name="inputStride">Distance of two queries' rows in floats.</param>
    /// <param name="count">Number of queries.</param>
    /// <param name="initial">32 numbers that start the sums of every query, or the output itself, which is then accumulated to.</param>
    /// <param name="output">[count, outputStride]; one row behind the last may be written.</param>
    /// <param name="outputStride">Distance of two queries' results in floats.</param>
    /// <param name="prefetcher">
    /// What is read next. Only the tiles of few queries use it: those of many take long enough per page for the hardware.
    /// </param>
    public static void Multiply(float* panel, int columns, float* input, nint inputStride, int count, float* initial, float* output,
        nint outputStride, ColumnPrefetcher prefetcher)
    {
        // One row of zeros starts the sums of all queries, hence stride 0.
        var initialStride = initial == output ? outputStride : 0;
        // Twelve independent sums hide the latency of FMA (4 cycles, two units: at least 8). (count + 1) / 6 lets five queries run as
        // six instead of as three and two. All sixes meet one half of the panel before the other half is read.
        var sixes = (count + 1) / 6;
        for (var row = 0; row < Panel.Rows && sixes > 0; row += Panel.Rows / 2)
        {
            for (var six = 0; six < sixes; six++)
            {
                Tile16x6(
                    panel + row, columns, input + (6 * six * inputStride), inputStride,
                    initial + row + (6 * six * initialStride), initialStride, output + row + (6 * six * outputStride), outputStride);
            }
        }

        input += 6 * sixes * inputStride;
        initial += 6 * sixes * initialStride;
        output += 6 * sixes * outputStride;
        count -= 6 * sixes;
        // -1 .. 4 queries are left; two run as three.
        for (; count > 1; count -= 3)
        {
            Tile32x3(panel, columns, input, inputStride, initial, initialStride, output, outputStride, prefetcher);
            input += 3 * inputStride;
            initial += 3 * initialStride;
            output += 3 * outputStride;
        }

        if (count > 0)
        {
            Tile32x1(panel, columns, input, initial, output, prefetcher);
        }
    }

    /// <summary>Micro-kernel of 16 rows and six queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile16x6(
        float* panel, int columns, float* input, nint inputStride, float* initial, nint initialStride, float* output, nint outputStride)
    {
        var input1 = input + inputStride;
        var input2 = input + (2 * inputStride);
        var input3 = input + (3 * inputStride);
        var input4 = input + (4 * inputStride);
        var input5 = input + (5 * inputStride);
        var sum00 = Vector256.Load(initial);
        var sum01 = Vector256.Load(initial + 8);
        var sum10 = Vector256.Load(initial + initialStride);
        var sum11 = Vector256.Load(initial + initialStride + 8);
        var sum20 = Vector256.Load(initial + (2 * initialStride));
        var sum21 = Vector256.Load(initial + (2 * initialStride) + 8);
        var sum30 = Vector256.Load(initial + (3 * initialStride));
        var sum31 = Vector256.Load(initial + (3 * initialStride) + 8);
        var sum40 = Vector256.Load(initial + (4 * initialStride));
        var sum41 = Vector256.Load(initial + (4 * initialStride) + 8);
        var sum50 = Vector256.Load(initial + (5 * initialStride));
        var sum51 = Vector256.Load(initial + (5 * initialStride) + 8);
        for (var column = 0; column < columns; column++, panel += Panel.Rows)
        {
            // 12 sums, 2 panel registers and 1 broadcast: 15 of 16 registers.
            var low = Vector256.Load(panel);
            var high = Vector256.Load(panel + 8);
            var number = Vector256.Create(input[column]);
            sum00 = Vector256.FusedMultiplyAdd(low, number, sum00);
            sum01 = Vector256.FusedMultiplyAdd(high, number, sum01);
            number = Vector256.Create(input1[column]);
            sum10 = Vector256.FusedMultiplyAdd(low, number, sum10);
            sum11 = Vector256.FusedMultiplyAdd(high, number, sum11);
            number = Vector256.Create(input2[column]);
            sum20 = Vector256.FusedMultiplyAdd(low, number, sum20);
            sum21 = Vector256.FusedMultiplyAdd(high, number, sum21);
            number = Vector256.Create(input3[column]);
            sum30 = Vector256.FusedMultiplyAdd(low, number, sum30);
            sum31 = Vector256.FusedMultiplyAdd(high, number, sum31);
            number = Vector256.Create(input4[column]);
            sum40 = Vector256.FusedMultiplyAdd(low, number, sum40);
            sum41 = Vector256.FusedMultiplyAdd(high, number, sum41);
            number = Vector256.Create(input5[column]);
            sum50 = Vector256.FusedMultiplyAdd(low, number, sum50);
            sum51 = Vector256.FusedMultiplyAdd(high, number, sum51);
        }

        sum00.Store(output);
        sum01.Store(output + 8);
        sum10.Store(output + outputStride);
        sum11.Store(output + outputStride + 8);
        sum20.Store(output + (2 * outputStride));
        sum21.Store(output + (2 * outputStride) + 8);
        sum30.Store(output + (3 * outputStride));
        sum31.Store(output + (3 * outputStride) + 8);
        sum40.Store(output + (4 * outputStride));
        sum41.Store(output + (4 * outputStride) + 8);
        sum50.Store(output + (5 * outputStride));
        sum51.Store(output + (5 * outputStride) + 8);
    }

    /// <summary>Micro-kernel of 32 rows and three queries: 12 sums, 3 broadcasts and 1 panel register fill all 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile32x3(
        float* panel, int columns, float* input, nint inputStride, float* initial, nint initialStride, float* output, nint outputStride,
        ColumnPrefetcher prefetcher)
    {
        var input1 = input + inputStride;
        var input2 = input + (2 * inputStride);
        var sum00 = Vector256.Load(initial);
        var sum01 = Vector256.Load(initial + 8);
        var sum02 = Vector256.Load(initial + 16);
        var sum03 = Vector256.Load(initial + 24);
        var sum10 = Vector256.Load(initial + initialStride);
        var sum11 = Vector256.Load(initial + initialStride + 8);
        var sum12 = Vector256.Load(initial + initialStride + 16);
        var sum13 = Vector256.Load(initial + initialStride + 24);
        var sum20 = Vector256.Load(initial + (2 * initialStride));
        var sum21 = Vector256.Load(initial + (2 * initialStride) + 8);
        var sum22 = Vector256.Load(initial + (2 * initialStride) + 16);
        var sum23 = Vector256.Load(initial + (2 * initialStride) + 24);
        for (var column = 0; column < columns; column++, panel += Panel.Rows)
        {
            prefetcher.Prefetch(column);
            var number0 = Vector256.Create(input[column]);
            var number1 = Vector256.Create(input1[column]);
            var number2 = Vector256.Create(input2[column]);
            // One panel register at a time meets three queries: 12 sums and 3 broadcasts leave exactly one.
            var rows = Vector256.Load(panel);
            sum00 = Vector256.FusedMultiplyAdd(rows, number0, sum00);
            sum10 = Vector256.FusedMultiplyAdd(rows, number1, sum10);
            sum20 = Vector256.FusedMultiplyAdd(rows, number2, sum20);
            rows = Vector256.Load(panel + 8);
            sum01 = Vector256.FusedMultiplyAdd(rows, number0, sum01);
            sum11 = Vector256.FusedMultiplyAdd(rows, number1, sum11);
            sum21 = Vector256.FusedMultiplyAdd(rows, number2, sum21);
            rows = Vector256.Load(panel + 16);
            sum02 = Vector256.FusedMultiplyAdd(rows, number0, sum02);
            sum12 = Vector256.FusedMultiplyAdd(rows, number1, sum12);
            sum22 = Vector256.FusedMultiplyAdd(rows, number2, sum22);
            rows = Vector256.Load(panel + 24);
            sum03 = Vector256.FusedMultiplyAdd(rows, number0, sum03);
            sum13 = Vector256.FusedMultiplyAdd(rows, number1, sum13);
            sum23 = Vector256.FusedMultiplyAdd(rows, number2, sum23);
        }

        sum00.Store(output);
        sum01.Store(output + 8);
        sum02.Store(output + 16);
        sum03.Store(output + 24);
        sum10.Store(output + outputStride);
        sum11.Store(output + outputStride + 8);
        sum12.Store(output + outputStride + 16);
        sum13.Store(output + outputStride + 24);
        sum20.Store(output + (2 * outputStride));
        sum21.Store(output + (2 * outputStride) + 8);
        sum22.Store(output + (2 * outputStride) + 16);
        sum23.Store(output + (2 * outputStride) + 24);
    }

    /// <summary>Micro-kernel of 32 rows and one query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile32x1(float* panel, int columns, float* input, float* initial, float* output, ColumnPrefetcher prefetcher)
    {
        var sum00 = Vector256.Load(initial);
        var sum01 = Vector256.Load(initial + 8);
        var sum02 = Vector256.Load(initial + 16);
        var sum03 = Vector256.Load(initial + 24);
        for (var column = 0; column < columns; column++, panel += Panel.Rows)
        {
            prefetcher.Prefetch(column);
            var number0 = Vector256.Create(input[column]);
            // Four chains only: a single query is bound by reading the page, not by latency.
            var rows = Vector256.Load(panel);
            sum00 = Vector256.FusedMultiplyAdd(rows, number0, sum00);
            rows = Vector256.Load(panel + 8);
            sum01 = Vector256.FusedMultiplyAdd(rows, number0, sum01);
            rows = Vector256.Load(panel + 16);
            sum02 = Vector256.FusedMultiplyAdd(rows, number0, sum02);
            rows = Vector256.Load(panel + 24);
            sum03 = Vector256.FusedMultiplyAdd(rows, number0, sum03);
        }

        sum00.Store(output);
        sum01.Store(output + 8);
        sum02.Store(output + 16);
        sum03.Store(output + 24);
    }
}
