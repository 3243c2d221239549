using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>
/// How a model's makers advise to draw its tokens: the keys <c>general.sampling.*</c> of GGUF, which llama.cpp reads too. Null says
/// nothing.
/// </summary>
public sealed record SamplingAdvice
{
    const string Prefix = "general.sampling.";

    /// <summary>Divides the logits before the draw; 0 is greedy.</summary>
    public float? Temperature { get; init; }

    /// <summary>Only this many of the most likely tokens stay; 0 keeps all.</summary>
    public int? TopK { get; init; }

    /// <summary>The fewest most likely tokens whose probabilities reach this sum stay.</summary>
    public float? TopP { get; init; }

    /// <summary>Tokens at least this likely, relative to the most likely one, stay.</summary>
    public float? MinP { get; init; }

    /// <summary>The key of one of llama.cpp's names, such as <c>temp</c>.</summary>
    public static string Key(string name) => Prefix + name;

    /// <summary>What a file advises; null where it says nothing.</summary>
    /// <exception cref="Core.NoosException">A key holds something else than a number.</exception>
    public static SamplingAdvice? Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var advice = new SamplingAdvice
        {
            Temperature = (float?)file.GetFloat(Key("temp")),
            TopK = (int?)file.GetInteger(Key("top_k")),
            TopP = (float?)file.GetFloat(Key("top_p")),
            MinP = (float?)file.GetFloat(Key("min_p")),
        };
        return advice == new SamplingAdvice() ? null : advice;
    }

    /// <summary>Keys and values that say this, in the order in which they are written.</summary>
    public IEnumerable<(string Key, GgufValue Value)> ToMetadata()
    {
        if (Temperature is { } temperature)
        {
            yield return (Key("temp"), temperature);
        }

        if (TopK is { } topK)
        {
            yield return (Key("top_k"), topK);
        }

        if (TopP is { } topP)
        {
            yield return (Key("top_p"), topP);
        }

        if (MinP is { } minP)
        {
            yield return (Key("min_p"), minP);
        }
    }
}
