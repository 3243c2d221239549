using System.Numerics.Tensors;
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
    /// <param name="count">Tokens of the batch.</param>
    /// <param name="bias">[experts] What is added to the scores that choose; null for nothing.</param>
    public void Choose(int count, float* bias)
    {
        Array.Clear(_counts);
        for (var token = 0; token < count; token++)
        {
            var scores = new Span<float>(Scores.Row(token), _config.ExpertCount);
            if (bias is not null || _config.GatesBySigmoid || !_config.NormalizesShares || _config.ExpertScale != 1)
            {
                ChooseByShare(token, scores, bias);
                continue;
            }

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

    /// <summary>
    /// By shares in one: a softmax over all experts, or sigmoids (DeepSeek 3), and a bias that only chooses. Of the chosen they are
    /// normalized and multiplied as the family does.
    /// </summary>
    void ChooseByShare(int token, ReadOnlySpan<float> scores, float* bias)
    {
        // Below it a sum does not divide, as in llama.cpp: the smallest normal half.
        const float MinSum = 6.103515625e-5f;
        var shares = new float[scores.Length];
        var keys = new float[scores.Length];
        var largest = TensorPrimitives.Max(scores);
        var total = 0f;
        for (var expert = 0; expert < shares.Length; expert++)
        {
            _order[expert] = expert;
            shares[expert] = _config.GatesBySigmoid ? 1 / (1 + MathF.Exp(-scores[expert])) : MathF.Exp(scores[expert] - largest);
            total += shares[expert];
        }

        for (var expert = 0; expert < shares.Length; expert++)
        {
            shares[expert] /= _config.GatesBySigmoid ? 1 : total;
            keys[expert] = shares[expert] + (bias is null ? 0 : bias[expert]);
        }

        Array.Sort(_order, (a, b) => keys[a] == keys[b] ? a.CompareTo(b) : keys[b].CompareTo(keys[a]));
        var chosen = _order.AsSpan(0, _config.ExpertUsedCount);
        var sum = 0f;
        foreach (var expert in chosen)
        {
            sum += shares[expert];
        }

        var factor = _config.ExpertScale / (_config.NormalizesShares ? Math.Max(sum, MinSum) : 1);
        foreach (var expert in chosen)
        {
            _tokens[expert][_counts[expert]++] = new RoutedToken(token, shares[expert] * factor);
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
