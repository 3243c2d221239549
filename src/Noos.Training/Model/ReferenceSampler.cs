using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Noos.Training.Model;

/// <summary>Greedy next tokens straight from the weights in training, without a cache: for the few samples of an evaluation.</summary>
public sealed class ReferenceSampler : IDisposable
{
    readonly Tensor _gradients;
    readonly AutogradTransformer _model;

    public ReferenceSampler(Parameters parameters)
    {
        _gradients = zeros(parameters.Layout.Length);
        _model = new AutogradTransformer(parameters, _gradients);
    }

    public int Next(List<int> tokens)
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
