using Noos.Language.Gguf;
using Noos.Testing.RandomModels;
using Noos.Training.Adapters;
using Noos.Training.Model;
using Noos.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Noos.Training.Tests.Adapters;

/// <summary>
/// A decoder of the families llama, qwen2, qwen3 and gemma3 with low-rank pairs in plain TorchSharp, as one would write it on a blackboard;
/// its numbers come from the shape that the file was written with, not from the trainer's reading of the file.
/// </summary>
sealed class AutogradDecoder : IDisposable
{
    readonly RandomModelShape _shape;
    readonly Dictionary<string, Tensor> _weights = new(StringComparer.Ordinal);
    readonly Dictionary<string, (Tensor A, Tensor B)> _pairs = new(StringComparer.Ordinal);
    readonly double _scale;

    public AutogradDecoder(string path, RandomModelShape shape, LoraParameters parameters, double scale)
    {
        TorchRuntime.Initialize();
        (_shape, _scale) = (shape, scale);
        using var file = GgufFile.Open(path);
        foreach (var tensor in file.Tensors)
        {
            var values = new float[tensor.Count];
            Quantization.Dequantize(tensor.Type, file.Data(tensor), values);
            _weights.Add(tensor.Name, ToTensor(values, [.. tensor.Dimensions.Reverse()]));
        }

        foreach (var slot in parameters.Slots)
        {
            _pairs.Add(slot.Name, (
                ToTensor(parameters.A(slot).ToArray(), [slot.Rank, slot.Columns]).requires_grad_(),
                ToTensor(parameters.B(slot).ToArray(), [slot.Rows, slot.Rank]).requires_grad_()));
        }
    }

    bool IsGemma => _shape.Architecture == "gemma3";

    /// <summary>Adds the gradient of scale · Σ weight · cross-entropy of a row.</summary>
    /// <returns>The sum, not scaled.</returns>
    public double AddGradient(TrainingRow row, float scale)
    {
        using var scope = NewDisposeScope();
        var logits = Logits(row.Tokens.AsSpan(0, row.Length));
        var losses = functional.cross_entropy(
            logits, tensor(Array.ConvertAll(row.Tokens[1..], token => (long)token)), reduction: Reduction.None);
        var weights = Enumerable.Range(0, row.Length)
            .Select(position => row.Counts(position) ? row.Weights.Length == 0 ? 1f : row.Weights[position] : 0f);
        var loss = (losses * tensor(weights.ToArray())).sum();
        (loss * scale).backward();
        return loss.item<float>();
    }

    public (float[] A, float[] B) Gradient(string name) => (Values(_pairs[name].A), Values(_pairs[name].B));

    /// <summary>[length, vocabulary]</summary>
    public Tensor Logits(ReadOnlySpan<int> tokens)
    {
        long length = tokens.Length;
        var ids = tensor(tokens.ToArray(), dtype: ScalarType.Int64);
        var x = _weights["token_embd.weight"].index_select(0, ids);
        if (IsGemma)
        {
            x = x * Math.Sqrt(_shape.EmbeddingLength);
        }

        for (var block = 0; block < _shape.BlockCount; block++)
        {
            var prefix = $"blk.{block}.";
            x = x + PostNorm(Attention(Norm(x, prefix + "attn_norm"), prefix, block, length), prefix + "post_attention_norm");
            x = x + PostNorm(FeedForward(Norm(x, prefix + "ffn_norm"), prefix), prefix + "post_ffw_norm");
        }

        return Norm(x, "output_norm").matmul(_weights.GetValueOrDefault("output.weight", _weights["token_embd.weight"]).t());
    }

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }

        foreach (var (a, b) in _pairs.Values)
        {
            a.Dispose();
            b.Dispose();
        }
    }

    static Tensor ToTensor(float[] values, long[] shape) => tensor(values, shape).DetachFromDisposeScope();

    static float[] Values(Tensor pair)
    {
        using var gradient = pair.grad;
        return gradient!.data<float>().ToArray();
    }

    Tensor Norm(Tensor x, string name) =>
        x * (x.square().mean([-1], keepdim: true) + _shape.NormEpsilon).rsqrt() * _weights[name + ".weight"];

    Tensor PostNorm(Tensor x, string name) => IsGemma ? Norm(x, name) : x;

    Tensor Linear(Tensor x, string name)
    {
        var y = x.matmul(_weights[name + ".weight"].t());
        if (_weights.TryGetValue(name + ".bias", out var bias))
        {
            y = y + bias;
        }

        return _pairs.TryGetValue(name + ".weight", out var pair) ? y + (x.matmul(pair.A.t()).matmul(pair.B.t()) * _scale) : y;
    }

    Tensor Attention(Tensor x, string prefix, int block, long length)
    {
        // Of six blocks all but the last see a window, with positions of their own.
        var isLocal = IsGemma && _shape.SlidingWindow > 0 && block % 6 < 5;
        var query = Heads(Linear(x, prefix + "attn_q"), _shape.HeadCount);
        var key = Heads(Linear(x, prefix + "attn_k"), _shape.KeyValueHeadCount);
        var value = Heads(Linear(x, prefix + "attn_v"), _shape.KeyValueHeadCount);
        if (_weights.ContainsKey(prefix + "attn_q_norm.weight"))
        {
            query = Norm(query, prefix + "attn_q_norm");
            key = Norm(key, prefix + "attn_k_norm");
        }

        query = Rotate(query, length, isLocal);
        key = Rotate(key, length, isLocal);
        var group = _shape.HeadCount / _shape.KeyValueHeadCount;
        key = key.repeat_interleave(group, dim: 0);
        value = value.repeat_interleave(group, dim: 0);
        var positions = arange(length);
        var distance = positions.unsqueeze(1) - positions.unsqueeze(0);
        var isHidden = distance.lt(0);
        if (isLocal)
        {
            isHidden = isHidden.logical_or(distance.ge(_shape.SlidingWindow));
        }

        var scores = (query.matmul(key.transpose(1, 2)) / Math.Sqrt(_shape.HeadLength)).masked_fill(isHidden, float.NegativeInfinity);
        var mixed = functional.softmax(scores, -1).matmul(value).transpose(0, 1).reshape(length, _shape.HeadCount * _shape.HeadLength);
        return Linear(mixed, prefix + "attn_output");

        // [length, heads · head length] -> [heads, length, head length]
        Tensor Heads(Tensor flat, int heads) => flat.view(length, heads, _shape.HeadLength).transpose(0, 1);
    }

    Tensor Rotate(Tensor x, long length, bool isLocal)
    {
        var half = _shape.HeadLength / 2;
        var frequencies = pow(isLocal ? 10_000 : _shape.RopeFrequencyBase,
            arange(half, dtype: ScalarType.Float64) * (-2.0 / _shape.HeadLength));
        if (_weights.TryGetValue("rope_freqs.weight", out var divisors))
        {
            frequencies = frequencies / divisors;
        }

        var angles = outer(arange(length, dtype: ScalarType.Float64), frequencies);
        var (cosine, sine) = (angles.cos().to(ScalarType.Float32), angles.sin().to(ScalarType.Float32));
        if (_shape.Architecture == "llama")
        {
            // Neighbours are pairs.
            var pairs = x.view(x.shape[0], length, half, 2);
            var (even, odd) = (pairs.select(3, 0), pairs.select(3, 1));
            return stack([(even * cosine) - (odd * sine), (odd * cosine) + (even * sine)], 3).view(x.shape[0], length, 2L * half);
        }

        var halves = x.chunk(2, dim: -1);
        return cat([(halves[0] * cosine) - (halves[1] * sine), (halves[1] * cosine) + (halves[0] * sine)], dim: -1);
    }

    Tensor FeedForward(Tensor x, string prefix)
    {
        var gate = Linear(x, prefix + "ffn_gate");

        // Gelu by tanh.
        gate = IsGemma
            ? gate * 0.5 * (1 + ((gate + (gate.pow(3) * 0.044715)) * Math.Sqrt(2 / Math.PI)).tanh())
            : functional.silu(gate);
        return Linear(gate * Linear(x, prefix + "ffn_up"), prefix + "ffn_down");
    }
}
