using System.Runtime.InteropServices;

namespace Noos.Media.Speech;

/// <summary>
/// How likely it is that somebody speaks at a moment: a network of one hidden layer over <see cref="ContextFeatures"/>. The weights were
/// trained by 'Noos.Bench speech-detector'. Immutable.
/// </summary>
sealed class SpeechClassifier
{
    /// <summary>Units of the hidden layer.</summary>
    public const int Hidden = 24;

    /// <summary>Numbers of a file of weights: mean and scale of the inputs, then both layers with their biases.</summary>
    public const int WeightCount = (2 * ContextFeatures.Count) + (Hidden * (ContextFeatures.Count + 1)) + Hidden + 1;

    readonly float[] _weights;

    public SpeechClassifier(ReadOnlySpan<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, WeightCount);
        _weights = weights.ToArray();
    }

    /// <summary>The one that is part of the program.</summary>
    public static SpeechClassifier Default { get; } = Load();

    /// <summary>Probability of speech.</summary>
    public float Classify(ReadOnlySpan<float> features)
    {
        const int Inputs = ContextFeatures.Count;
        ReadOnlySpan<float> weights = _weights;
        var mean = weights[..Inputs];
        var scale = weights[Inputs..];
        var first = weights[(2 * Inputs)..];
        var second = first[(Hidden * (Inputs + 1))..];
        var sum = second[Hidden];
        for (var unit = 0; unit < Hidden; unit++)
        {
            var row = first.Slice(unit * (Inputs + 1), Inputs + 1);
            var activation = row[Inputs];
            for (var i = 0; i < Inputs; i++)
            {
                activation += row[i] * (features[i] - mean[i]) * scale[i];
            }

            sum += second[unit] * MathF.Tanh(activation);
        }

        return 1 / (1 + MathF.Exp(-sum));
    }

    static SpeechClassifier Load()
    {
        using var stream = typeof(SpeechClassifier).Assembly.GetManifestResourceStream("Noos.Media.Speech.speech.bin")!;
        var weights = new float[WeightCount];
        stream.ReadExactly(MemoryMarshal.AsBytes(weights.AsSpan()));
        return new SpeechClassifier(weights);
    }
}
