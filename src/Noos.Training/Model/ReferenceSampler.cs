using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Noos.Training.Model;

/// <summary>Greedy next tokens straight from the weights in training, without a cache: for the few samples of an evaluation.</summary>
public sealed class ReferenceSampler : IDisposable
{
    readonly Tensor _gradients;
    readonly AutogradTransformer _model;
    readonly int _contextLength;

    public ReferenceSampler(Parameters parameters)
    {
        _gradients = zeros(parameters.Layout.Length);
        _model = new AutogradTransformer(parameters, _gradients);
        _contextLength = parameters.Config.ContextLength;
    }

    /// <summary>
    /// The greedy continuation of <paramref name="prompt"/>, up to an end token, so many tokens, or the end of the context.
    /// </summary>
    public int[] Continue(IEnumerable<int> prompt, int maxTokens, params ReadOnlySpan<int> ends)
    {
        var tokens = prompt.ToList();
        var start = tokens.Count;
        while (tokens.Count - start < maxTokens && tokens.Count < _contextLength)
        {
            var next = Next(tokens);
            if (ends.Contains(next))
            {
                break;
            }

            tokens.Add(next);
        }

        return [.. tokens[start..]];
    }

    int Next(List<int> tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return (int)_model.Logits(CollectionsMarshal.AsSpan(tokens))[-1].argmax().item<long>();
    }

    public void Dispose()
    {
        _model.Dispose();
        _gradients.Dispose();
    }
}
