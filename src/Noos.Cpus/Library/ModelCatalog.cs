namespace Noos.Cpus.Library;

/// <summary>
/// A short list of models that the engine runs, with free licences, from the smallest that can talk about anything to the largest that an
/// ordinary computer holds. Numbers are those of the models' own cards and configurations.
/// </summary>
public static class ModelCatalog
{
    const string Apache = "Apache-2.0";

    /// <summary>The smallest first.</summary>
    public static IReadOnlyList<CatalogModel> Models { get; } =
    [
        new(
            "Qwen3 0.6B", "Qwen/Qwen3-0.6B-GGUF:Q8_0", Apache, 596_000_000, 639_000_000,
            "Quick everywhere, for short questions in many languages; still a small model that makes mistakes.")
        {
            ContextLength = 40_960, BlockCount = 28, EmbeddingLength = 1024, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "SmolLM2 1.7B", "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M", Apache, 1_711_000_000, 1_056_000_000,
            "English texts and summaries; made from openly published data.")
        {
            ContextLength = 8192, BlockCount = 24, EmbeddingLength = 2048, KeyValueHeadCount = 32, HeadLength = 64,
        },
        new(
            "Qwen3 1.7B", "Qwen/Qwen3-1.7B-GGUF:Q8_0", Apache, 1_720_000_000, 1_834_000_000,
            "Good for everyday questions, and it calls tools well.")
        {
            ContextLength = 40_960, BlockCount = 28, EmbeddingLength = 2048, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "Qwen3 4B", "Qwen/Qwen3-4B-GGUF:Q4_K_M", Apache, 4_020_000_000, 2_497_000_000,
            "The best that is still pleasant on most laptops: reasons, programs, calls tools.")
        {
            ContextLength = 40_960, BlockCount = 36, EmbeddingLength = 2560, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "Qwen3 8B", "Qwen/Qwen3-8B-GGUF:Q4_K_M", Apache, 8_190_000_000, 5_028_000_000,
            "Thorough answers, if you can wait for them.")
        {
            ContextLength = 40_960, BlockCount = 36, EmbeddingLength = 4096, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "Qwen3 30B A3B", "Qwen/Qwen3-30B-A3B-GGUF:Q4_K_M", Apache, 30_500_000_000, 18_560_000_000,
            "For machines with much memory: large, but only a tenth of it works for each token.")
        {
            ActiveParameters = 3_300_000_000, ContextLength = 40_960, BlockCount = 48, EmbeddingLength = 2048, KeyValueHeadCount = 4,
            HeadLength = 128,
        },
    ];
}
