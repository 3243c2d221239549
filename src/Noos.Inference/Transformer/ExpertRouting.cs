using Noos.Inference.Kernels;
using Noos.Language.Architectures;

namespace Noos.Inference.Transformer;

/// <summary>Top-k routing of a mixture of experts: which tokens of a batch go through which experts, with which weight.</summary>
sealed unsafe class ExpertRouting : IDisposable
{
    readonly DecoderConfig _config;
    // Arrays of the full length: a worker that is late may look at a count while the next block's experts are chosen.
    readonly RoutedToken[][] _tokens;
    readonly int[] _counts;
    readonly int[] _order;

    public ExpertRouting(DecoderConfig config, int batchLength)
    {
        _config = config;
        _tokens = [.. Enumerable.Range(0, config.ExpertCount).Select(_ => new RoutedToken[batchLength])];
        _counts = new int[config.ExpertCount];
        _order = new int[config.ExpertCount];
        var length = config.ExpertCount > 0 ? batchLength : 0;
        Scores = new Activations(length, config.ExpertCount);
        Input = new Activations(length, config.EmbeddingLength);
    }

    /// <summary>[tokens, experts]</summary>
    public Activations Scores { get; }

    /// <summary>The rows of the tokens that go through one expert.</summary>
    public Activations Input { get; }

    /// <summary>Number of tokens that go through an expert.</summary>
    public int CountOf(int expert) => _counts[expert];

    public ReadOnlySpan<RoutedToken> TokensOf(int expert) => _tokens[expert].AsSpan(0, _counts[expert]);

    /// <summary>Chooses the experts of each token: those of the highest scores, of equal ones the first.</summary>
    public void Choose(int count)
    {
        Array.Clear(_counts);
        for (var token = 0; token < count; token++)
        {
            var scores = new Span<float>(Scores.Row(token), _config.ExpertCount);
            for (var expert = 0; expert < _order.Length; expert++)
            {
                _order[expert] = expert;
            }

            var keys = scores.ToArray();
            Array.Sort(_order, (a, b) => keys[a] == keys[b] ? a.CompareTo(b) : keys[b].CompareTo(keys[a]));
            var chosen = _order.AsSpan(0, _config.ExpertUsedCount);
            // A softmax over all, normalized over the chosen, is the softmax over the chosen: both families do the same.
            var largest = keys[chosen[0]];
            var total = 0f;
            foreach (var expert in chosen)
            {
                total += MathF.Exp(keys[expert] - largest);
            }

            foreach (var expert in chosen)
            {
                _tokens[expert][_counts[expert]++] = new RoutedToken(token, MathF.Exp(keys[expert] - largest) / total);
            }
        }
    }

    public void Dispose()
    {
        Scores.Dispose();
        Input.Dispose();
    }
}

/// <summary>A token of the batch and what the expert's result is multiplied with.</summary>
readonly record struct RoutedToken(int Token, float Share);
