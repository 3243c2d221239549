using Noos.Language.Models;
using Noos.Training.Kernels;
using Noos.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Noos.Training.Model;

/// <summary>
/// The decoder in plain TorchSharp, as one would write it on a blackboard: the reference for gradients and logits. Losses are written
/// with its <see cref="Logits(ReadOnlySpan{int})"/> and <see cref="Hidden(ReadOnlySpan{int})"/> and differentiated by autograd, on the
/// device where its weights lie. Not thread-safe.
/// </summary>
public sealed class AutogradTransformer : IDisposable
{
    readonly TransformerConfig _config;
    readonly Dictionary<string, Tensor> _weights = new(StringComparer.Ordinal);
    readonly Tensor _cosine;
    readonly Tensor _sine;
    readonly Precision _precision;

    /// <param name="parameters">The weights; this object sees their memory, it does not copy it.</param>
    /// <param name="gradients">Flat gradient buffer of the same layout, added to.</param>
    public AutogradTransformer(Parameters parameters, Tensor gradients)
        : this(parameters.Layout, parameters.Values, gradients, Precision.Fp32)
    {
    }

    /// <param name="layout">Where each parameter lies in the buffers.</param>
    /// <param name="values">[layout length] the weights, on any device; this object sees their memory, it does not copy it.</param>
    /// <param name="gradients">[layout length] on the same device, added to.</param>
    /// <param name="precision">What matrix products read; everything else is float32.</param>
    public AutogradTransformer(ParameterLayout layout, Tensor values, Tensor gradients, Precision precision)
    {
        _config = layout.Config;
        _precision = precision;
        foreach (var slot in layout.Slots)
        {
            var weight = Parameters.View(values, slot).detach().requires_grad_().DetachFromDisposeScope();
            weight.grad = Parameters.View(gradients, slot);
            _weights[slot.Name] = weight;
        }

        (_cosine, _sine) = RotaryTables(_config, values.device);
    }

    /// <summary>Adds the gradient of <c>scale · Σ cross-entropy</c> of one row to the gradient buffer.</summary>
    /// <param name="tokens">[length + 1] token ids: each but the last is an input, each but the first a target.</param>
    /// <param name="isTarget">[length] which targets count, or empty for all.</param>
    /// <returns>Sum of the cross-entropies of the counted targets, in nats, not scaled.</returns>
    public double AddGradient(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget, float scale)
    {
        using var scope = NewDisposeScope();
        var loss = SummedLoss(tokens, isTarget);
        (loss * scale).backward();
        return loss.item<float>();
    }

    /// <summary>The cross-entropies of one row in nats, without a gradient.</summary>
    public double Loss(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return SummedLoss(tokens, isTarget).item<float>();
    }

    /// <summary>One parameter as autograd sees it; its gradient goes to the gradient buffer.</summary>
    public Tensor Weight(string name) => _weights[name];

    /// <summary>Logits of every position: [length, vocabulary].</summary>
    public Tensor Logits(ReadOnlySpan<int> tokens)
    {
        using var scope = NewDisposeScope();
        return Linear(Hidden(tokens), TensorNames.TokenEmbedding).MoveToOuterDisposeScope();
    }

    /// <summary>Last hidden state of every position, after the output norm: [length, embedding].</summary>
    public Tensor Hidden(ReadOnlySpan<int> tokens)
    {
        using var scope = NewDisposeScope();
        return Hidden(tensor(tokens.ToArray(), [1, tokens.Length], dtype: ScalarType.Int64)).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of every position of several rows: [rows, length, vocabulary].</summary>
    /// <param name="tokens">[rows, length] 64-bit ids, on the device of the weights.</param>
    public Tensor Logits(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return Linear(Hidden(tokens), TensorNames.TokenEmbedding).MoveToOuterDisposeScope();
    }

    /// <summary>Last hidden states of several rows, after the output norm: [rows, length, embedding].</summary>
    /// <param name="tokens">[rows, length] 64-bit ids, on the device of the weights.</param>
    public Tensor Hidden(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (rows, length) = (tokens.shape[0], tokens.shape[1]);
        var x = _weights[TensorNames.TokenEmbedding].index_select(0, tokens.flatten()).view(rows, length, _config.EmbeddingLength);
        for (var block = 0; block < _config.BlockCount; block++)
        {
            x = x + Attention(Norm(x, TensorNames.AttentionNorm(block)), block, rows, length);
            x = x + FeedForward(Norm(x, TensorNames.FeedForwardNorm(block)), block);
        }

        return Norm(x, TensorNames.OutputNorm).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }

        _cosine.Dispose();
        _sine.Dispose();
    }

    // [length, head length / 2] each; Su et al., 2021, with the halves of a head rotated against each other (GPT-NeoX's layout).
    static (Tensor Cosine, Tensor Sine) RotaryTables(TransformerConfig config, Device device)
    {
        using var scope = NewDisposeScope();
        var half = config.HeadLength / 2;
        var frequencies = pow(config.RopeFrequencyBase, arange(half, dtype: ScalarType.Float64) * (-2.0 / config.HeadLength));
        var angles = outer(arange(config.ContextLength, dtype: ScalarType.Float64), frequencies);
        return (Table(angles.cos()), Table(angles.sin()));

        Tensor Table(Tensor values) => values.to(ScalarType.Float32).to(device).DetachFromDisposeScope();
    }

    Tensor SummedLoss(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget)
    {
        var logits = Logits(tokens[..^1]);
        var targets = new long[tokens.Length - 1];
        for (var index = 0; index < targets.Length; index++)
        {
            targets[index] = isTarget.IsEmpty || isTarget[index] ? tokens[index + 1] : -100;
        }

        return functional.cross_entropy(logits, tensor(targets), ignore_index: -100, reduction: Reduction.Sum);
    }

    Tensor Norm(Tensor x, string weight) => Aten.RmsNorm(x, _weights[weight], _config.NormEpsilon);

    Tensor Linear(Tensor x, string weight) => Single(Rounded(x).matmul(Rounded(_weights[weight]).t()));

    /// <summary>As a product reads it.</summary>
    Tensor Rounded(Tensor x) => _precision == Precision.Bf16 ? x.to(ScalarType.BFloat16) : x;

    /// <summary>As everything else reads it.</summary>
    Tensor Single(Tensor x) => _precision == Precision.Bf16 ? x.to(ScalarType.Float32) : x;

    Tensor Attention(Tensor x, int block, long rows, long length)
    {
        var query = Heads(Linear(x, TensorNames.Query(block)), _config.HeadCount);
        var key = Heads(Linear(x, TensorNames.Key(block)), _config.KeyValueHeadCount);
        var value = Heads(Linear(x, TensorNames.Value(block)), _config.KeyValueHeadCount);
        query = Rotate(Norm(query, TensorNames.QueryNorm(block)), length);
        key = Rotate(Norm(key, TensorNames.KeyNorm(block)), length);
        var mixed = Single(Aten.CausalAttention(Rounded(query), Rounded(key), Rounded(value)));
        return Linear(mixed.transpose(1, 2).reshape(rows, length, _config.QueryLength), TensorNames.AttentionOutput(block));

        // [rows, length, heads · head length] -> [rows, heads, length, head length]
        Tensor Heads(Tensor flat, int heads) => flat.view(rows, length, heads, _config.HeadLength).transpose(1, 2);
    }

    Tensor Rotate(Tensor x, long length)
    {
        var halves = x.chunk(2, dim: -1);
        var cosine = _cosine.narrow(0, 0, length);
        var sine = _sine.narrow(0, 0, length);
        return cat([(halves[0] * cosine) - (halves[1] * sine), (halves[1] * cosine) + (halves[0] * sine)], dim: -1);
    }

    Tensor FeedForward(Tensor x, int block)
    {
        var gate = functional.silu(Linear(x, TensorNames.Gate(block)));
        return Linear(gate * Linear(x, TensorNames.Up(block)), TensorNames.Down(block));
    }
}
