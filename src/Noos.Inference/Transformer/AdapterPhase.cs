using Noos.Inference.Adapters;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Weights;

namespace Noos.Inference.Transformer;

/// <summary>
/// Adds the low-rank products of LoRA adapters to those of the weights, for the tokens of a batch that have any. Every worker computes the
/// small inner products A x for itself and caches them for its other panels, so no phase needs one more barrier; each output is computed
/// by one thread in one order.
/// </summary>
sealed unsafe class AdapterPhase : IDisposable
{
    // The tile height of the float kernel.
    const int TokensPerTile = 4;

    // Gate and up alternate within one phase, and a worker may be one phase ahead: four inner products live at a time.
    const int LiveMatrices = 4;

    readonly Scratch[] _scratch;
    AdapterSet?[] _sets = [];
    int _maxInner;
    int _pass;

    public AdapterPhase(int members)
    {
        _scratch = new Scratch[members];
        for (var member = 0; member < members; member++)
        {
            _scratch[member] = new Scratch();
        }
    }

    /// <summary>Runs of tokens of the batch that have adapters.</summary>
    public List<AdaptedRun> Runs { get; } = [];

    /// <summary>The same among the tokens that produce logits.</summary>
    public List<AdaptedRun> ScoredRuns { get; } = [];

    /// <summary>Finds runs of neighbours in a batch that share their adapters.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="scored">Indices of the tokens that produce logits.</param>
    public void Plan(ReadOnlySpan<BatchToken> batch, ReadOnlySpan<int> scored)
    {
        Runs.Clear();
        ScoredRuns.Clear();
        _pass++;
        if (_sets.Length < batch.Length)
        {
            _sets = new AdapterSet?[batch.Length];
        }

        for (var i = 0; i < batch.Length; i++)
        {
            _sets[i] = batch[i].Cache.Adapters;
            Extend(Runs, i, _sets[i]);
        }

        for (var i = 0; i < scored.Length; i++)
        {
            Extend(ScoredRuns, i, _sets[scored[i]]);
        }

        _maxInner = LiveMatrices * Runs.Sum(run => run.Adapters.Items.Count);
    }

    /// <summary>Runs among the tokens of one expert; valid until the worker asks again.</summary>
    public List<AdaptedRun> RunsOf(int member, ReadOnlySpan<RoutedToken> tokens)
    {
        if (Runs.Count == 0)
        {
            return Runs;
        }

        var runs = _scratch[member].Runs;
        runs.Clear();
        for (var i = 0; i < tokens.Length; i++)
        {
            Extend(runs, i, _sets[tokens[i].Token]);
        }

        return runs;
    }

    /// <summary>Adds the products of some panels of a matrix.</summary>
    public void Apply(
        int member, WeightMatrix matrix, int panelBegin, int panelEnd, List<AdaptedRun> runs, Activations input, float* output, int stride,
        PanelScratch scratch)
    {
        foreach (var run in runs)
        {
            foreach (var (adapter, scale) in run.Adapters.Items)
            {
                if (adapter.Find(matrix) is { } pair)
                {
                    var own = _scratch[member];
                    var inner = own.Inner(pair.A, run, _pass, _maxInner, input, scratch);
                    Apply(pair.B, scale * pair.Factor, inner, pair.A.PanelCount * Panel.Rows, panelBegin, panelEnd, run, output, stride,
                        own, scratch);
                }
            }
        }
    }

    public void Dispose() => Array.ForEach(_scratch, scratch => scratch.Dispose());

    static void Extend(List<AdaptedRun> runs, int index, AdapterSet? adapters)
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
            runs.Add(new AdaptedRun(index, 1, adapters));
        }
    }

    static void Apply(
        WeightMatrix matrix, float factor, float* inner, int innerStride, int panelBegin, int panelEnd, AdaptedRun run, float* output,
        int stride, Scratch own,
        PanelScratch scratch)
    {
        var begin = panelBegin * Panel.Rows;
        var width = (panelEnd * Panel.Rows) - begin;
        var rows = Math.Min(panelEnd * Panel.Rows, matrix.Rows) - begin;
        var outer = own.Outer(TokensPerTile * width);
        for (var first = 0; first < run.Count; first += TokensPerTile)
        {
            var count = Math.Min(TokensPerTile, run.Count - first);
            // The kernel writes panels at their place in a whole row; the scratch row begins at panelBegin, hence the shift.
            matrix.Multiply(panelBegin, panelEnd, FloatsOf(inner + ((long)first * innerStride), innerStride), count,
                outer - begin, width, accumulate: false, scratch);
            for (var token = 0; token < count; token++)
            {
                VectorMath.AddScaled(outer + ((long)token * width), factor,
                    output + ((long)(run.First + first + token) * stride) + begin, rows);
            }
        }
    }

    static ActivationView FloatsOf(float* values, int stride) => new(values, null, null, null, stride);

    /// <summary>Buffers of one worker, allocated when the first adapter acts.</summary>
    sealed class Scratch : IDisposable
    {
        readonly List<InnerProduct> _inner = [];
        readonly NativeBuffer<float> _outer = new();
        int _oldest;

        public List<AdaptedRun> Runs { get; } = [];

        public float* Outer(int length)
        {
            _outer.Reserve(length);
            return _outer.Start;
        }

        /// <summary>The products of a matrix with the rows of a run, computed once per pass and worker.</summary>
        public float* Inner(WeightMatrix matrix, AdaptedRun run, int pass, int max, Activations input, PanelScratch scratch)
        {
            var known = _inner.Find(one => one.Matrix == matrix && one.First == run.First && one.Pass == pass);
            if (known is not null)
            {
                return known.Values.Start;
            }

            InnerProduct product;
            if (_inner.Count < max)
            {
                _inner.Add(product = new InnerProduct());
            }
            else
            {
                // Round-robin is the order of use: whatever is overwritten belongs to a phase that is over.
                _oldest = (_oldest + 1) % _inner.Count;
                product = _inner[_oldest];
            }

            var stride = matrix.PanelCount * Panel.Rows;
            (product.Matrix, product.First, product.Pass) = (matrix, run.First, pass);
            product.Values.Reserve((long)run.Count * stride);
            matrix.Multiply(0, matrix.PanelCount, FloatsOf(input.Row(run.First), input.Stride), run.Count, product.Values.Start, stride,
                accumulate: false, scratch);
            return product.Values.Start;
        }

        public void Dispose()
        {
            _outer.Dispose();
            _inner.ForEach(product => product.Values.Dispose());
        }
    }

    sealed class InnerProduct
    {
        public WeightMatrix? Matrix { get; set; }

        public int First { get; set; }

        public int Pass { get; set; }

        public NativeBuffer<float> Values { get; } = new();
    }
}

/// <summary>A run of neighbouring tokens with the same adapters.</summary>
readonly record struct AdaptedRun(int First, int Count, AdapterSet Adapters);
