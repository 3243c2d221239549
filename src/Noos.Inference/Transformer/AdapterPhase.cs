using System.Runtime.InteropServices;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Transformer;

/// <summary>
/// Adds the low-rank products of adapters to those of the weights, for the tokens of a batch that have any. Every member makes the small
/// inner product for itself, so no phase needs a barrier more; each output is computed by one thread in one order.
/// </summary>
sealed unsafe class AdapterPhase : IDisposable
{
    // A product of the kernel for floats is made for so many tokens at once.
    const int TokensAtOnce = 4;

    readonly Scratch[] _scratch;
    readonly List<Run> _runs = [];
    readonly List<Run> _scoredRuns = [];
    AdapterSet?[] _sets = [];

    public AdapterPhase(int members)
    {
        _scratch = new Scratch[members];
        for (var member = 0; member < members; member++)
        {
            _scratch[member] = new Scratch();
        }
    }

    /// <summary>Finds the neighbours in a batch that share their adapters.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="scored">Indices of the tokens whose scores are asked for.</param>
    public void Plan(ReadOnlySpan<BatchToken> batch, ReadOnlySpan<int> scored)
    {
        _runs.Clear();
        _scoredRuns.Clear();
        if (_sets.Length < batch.Length)
        {
            _sets = new AdapterSet?[batch.Length];
        }

        for (var i = 0; i < batch.Length; i++)
        {
            _sets[i] = batch[i].Cache.Adapters;
            Extend(_runs, i, _sets[i]);
        }

        for (var i = 0; i < scored.Length; i++)
        {
            Extend(_scoredRuns, i, _sets[scored[i]]);
        }
    }

    /// <summary>Adds the products of a matrix for all tokens of the batch, a member its panels.</summary>
    public void Apply(int member, WeightMatrix matrix, Activations input, Activations output, (int Begin, int End) panels, PanelScratch scratch) =>
        Apply(member, matrix, _runs, input, output.Row(0), output.Stride, panels, scratch);

    /// <summary>The same for the scores of the tokens that want them.</summary>
    public void ApplyToScores(int member, WeightMatrix matrix, Activations input, float* output, int stride, (int Begin, int End) panels, PanelScratch scratch) =>
        Apply(member, matrix, _scoredRuns, input, output, stride, panels, scratch);

    /// <summary>The same for the tokens of one expert.</summary>
    public void ApplyRouted(
        int member, WeightMatrix matrix, Activations input, Activations output, ReadOnlySpan<RoutedToken> tokens, (int Begin, int End) panels, PanelScratch scratch)
    {
        if (_runs.Count == 0)
        {
            return;
        }

        var runs = _scratch[member].Runs;
        runs.Clear();
        for (var i = 0; i < tokens.Length; i++)
        {
            Extend(runs, i, _sets[tokens[i].Token]);
        }

        Apply(member, matrix, runs, input, output.Row(0), output.Stride, panels, scratch);
    }

    public void Dispose() => Array.ForEach(_scratch, scratch => scratch.Dispose());

    static void Extend(List<Run> runs, int index, AdapterSet? adapters)
    {
        if (adapters is null)
        {
            return;
        }

        if (runs is [.., var last] && last.First + last.Count == index && last.Adapters.Equals(adapters))
        {
            runs[^1] = last with { Count = last.Count + 1 };
        }
        else
        {
            runs.Add(new Run(index, 1, adapters));
        }
    }

    void Apply(
        int member, WeightMatrix matrix, List<Run> runs, Activations input, float* output, int stride, (int Begin, int End) panels, PanelScratch scratch)
    {
        foreach (var run in runs)
        {
            foreach (var (adapter, scale) in run.Adapters.Items)
            {
                if (adapter.Find(matrix) is { } pair)
                {
                    Apply(pair, scale * pair.Factor, run, input, output, stride, panels, scratch, _scratch[member]);
                }
            }
        }
    }

    static void Apply(
        LoraPair pair, float factor, Run run, Activations input, float* output, int stride, (int Begin, int End) panels, PanelScratch scratch, Scratch own)
    {
        var innerStride = pair.A.PanelCount * Panel.Rows;
        var outerStride = pair.B.PanelCount * Panel.Rows;
        own.Reserve(TokensAtOnce * innerStride, TokensAtOnce * outerStride);
        var begin = panels.Begin * Panel.Rows;
        var rows = Math.Min(panels.End * Panel.Rows, pair.B.Rows) - begin;
        for (var first = run.First; first < run.First + run.Count; first += TokensAtOnce)
        {
            var count = Math.Min(TokensAtOnce, run.First + run.Count - first);
            pair.A.Multiply(0, pair.A.PanelCount, FloatsOf(input.Row(first), input.Stride), count, own.Inner, innerStride, accumulate: false, scratch);
            pair.B.Multiply(panels.Begin, panels.End, FloatsOf(own.Inner, innerStride), count, own.Outer, outerStride, accumulate: false, scratch);
            for (var token = 0; token < count && rows > 0; token++)
            {
                VectorMath.AddScaled(own.Outer + ((long)token * outerStride) + begin, factor, output + ((long)(first + token) * stride) + begin, rows);
            }
        }
    }

    static ActivationView FloatsOf(float* values, int stride) => new(values, null, null, null, stride);

    /// <summary>Neighbours with the same adapters.</summary>
    readonly record struct Run(int First, int Count, AdapterSet Adapters);

    /// <summary>What one member needs for itself; made when the first adapter acts.</summary>
    sealed class Scratch : IDisposable
    {
        int _innerLength;
        int _outerLength;

        public List<Run> Runs { get; } = [];

        public float* Inner { get; private set; }

        public float* Outer { get; private set; }

        public void Reserve(int inner, int outer)
        {
            if (inner > _innerLength)
            {
                NativeMemory.AlignedFree(Inner);
                Inner = (float*)NativeMemory.AlignedAlloc((nuint)inner * sizeof(float), 64);
                _innerLength = inner;
            }

            if (outer > _outerLength)
            {
                NativeMemory.AlignedFree(Outer);
                Outer = (float*)NativeMemory.AlignedAlloc((nuint)outer * sizeof(float), 64);
                _outerLength = outer;
            }
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(Inner);
            NativeMemory.AlignedFree(Outer);
        }
    }
}
