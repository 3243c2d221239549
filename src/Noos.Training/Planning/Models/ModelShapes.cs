using Noos.Core;

namespace Noos.Training.Planning.Models;

/// <summary>Shapes of published models, by name.</summary>
public static class ModelShapes
{
    const string Llama3 = "arXiv 2407.21783, table 3";

    public static IReadOnlyList<ModelShape> All { get; } =
    [
        Llama("llama-3-8b", 32, 4096, 32, 14_336),
        Llama("llama-3-70b", 80, 8192, 64, 28_672),
        Llama("llama-3-405b", 126, 16_384, 128, 53_248),
        Gpt("opt-175b", 96, 12_288, 96, 50_272, 2048, "arXiv 2205.01068, table 1"),
        Gpt("bloom-176b", 70, 14_336, 112, 250_680, 2048, "arXiv 2211.05100, section 3"),
        Gpt("mt-nlg-530b", 105, 20_480, 128, 51_200, 2048, "arXiv 2201.11990, section 3.2"),
        new()
        {
            // 55 billion shared weights of attention in 120 layers make the width, 111 billion an expert its feed-forward layer.
            Name = "gpt-4-rumoured",
            Layers = 120,
            Hidden = 10_752,
            Heads = 84,
            KeyValueHeads = 84,
            FeedForward = 43_008,
            Vocabulary = 100_352,
            Sequence = 8192,
            IsGated = false,
            Experts = 16,
            ActiveExperts = 2,
            TiedEmbeddings = true,
            Source = "rumour only (SemiAnalysis, July 2023): 1.8 trillion weights, 120 layers, 16 experts of 111 billion, two active, 55 "
                + "billion shared",
        },
    ];

    /// <exception cref="NoosException">There is no model of this name.</exception>
    public static ModelShape Get(string name) =>
        All.FirstOrDefault(shape => shape.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new NoosException(
            ErrorKind.NotFound,
            $"The planner knows no model '{name}'; give one of {string.Join(", ", All.Select(shape => shape.Name))}, or a number of "
            + $"parameters such as {SuffixedNumber.Format(70e9)}.");

    static ModelShape Llama(string name, int layers, int hidden, int heads, int feedForward) => new()
    {
        Name = name,
        Layers = layers,
        Hidden = hidden,
        Heads = heads,
        KeyValueHeads = 8,
        FeedForward = feedForward,
        Vocabulary = 128_256,
        Sequence = 8192,
        Source = Llama3,
    };

    static ModelShape Gpt(string name, int layers, int hidden, int heads, int vocabulary, int sequence, string source) => new()
    {
        Name = name,
        Layers = layers,
        Hidden = hidden,
        Heads = heads,
        KeyValueHeads = heads,
        FeedForward = 4 * hidden,
        Vocabulary = vocabulary,
        Sequence = sequence,
        IsGated = false,
        TiedEmbeddings = true,
        Source = source,
    };
}
