namespace Noos.Cpus.Library;

/// <summary>
/// A short list of models that the engine runs, with free licences, from the smallest that can talk about anything to the largest that an
/// ordinary computer holds.
/// </summary>
/// <remarks>
/// How each number was checked, in November 2026, without downloading a file:
/// <list type="bullet">
/// <item>Shapes and <see cref="CatalogModel.ContextLength"/> (max_position_embeddings): the config.json of the original models.</item>
/// <item><see cref="CatalogModel.Parameters"/>: computed from the shapes, which a test repeats; the cards say the same, rounded.</item>
/// <item><see cref="CatalogModel.ActiveParameters"/>: computed likewise with 8 of 128 experts; the card says 3.3 billion.</item>
/// <item><see cref="CatalogModel.Bytes"/>: size of the very file as the hub's pointer to it has it, repeated in published lists that pin
/// the file by its SHA-256; a test checks that it is what the quantization makes of the parameters.</item>
/// <item><see cref="CatalogModel.License"/>: the cards of the repositories that are pulled from.</item>
/// <item>What a model needs and how fast it is are not here: both are estimated for the machine (<see cref="ModelReport"/>).</item>
/// <item><see cref="CatalogModel.Advice"/> is a judgement by the sizes and the cards, and was not measured here.</item>
/// </list>
/// </remarks>
public static class ModelCatalog
{
    const string Apache = "Apache-2.0";

    /// <summary>When its sizes and licences were looked up, for people.</summary>
    public const string Checked = "November 2026";

    /// <summary>The smallest first.</summary>
    public static IReadOnlyList<CatalogModel> Models { get; } =
    [
        new(
            "Qwen3 0.6B", "Qwen/Qwen3-0.6B-GGUF:Q8_0", Apache, 596_049_920, 639_446_688,
            "Quick everywhere, for short questions in many languages; still a small model that makes mistakes.")
        {
            ContextLength = 40_960, BlockCount = 28, EmbeddingLength = 1024, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "SmolLM2 1.7B", "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M", Apache, 1_711_376_384, 1_055_609_536,
            "English texts and summaries; made from openly published data.")
        {
            ContextLength = 8192, BlockCount = 24, EmbeddingLength = 2048, KeyValueHeadCount = 32, HeadLength = 64,
        },
        new(
            "Qwen3 1.7B", "Qwen/Qwen3-1.7B-GGUF:Q8_0", Apache, 1_720_574_976, 1_834_426_016,
            "Good for everyday questions, and it calls tools well.")
        {
            ContextLength = 40_960, BlockCount = 28, EmbeddingLength = 2048, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "Qwen3 4B", "Qwen/Qwen3-4B-GGUF:Q4_K_M", Apache, 4_022_468_096, 2_497_280_256,
            "The best that is still pleasant on most laptops: reasons, programs, calls tools.")
        {
            ContextLength = 40_960, BlockCount = 36, EmbeddingLength = 2560, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "Qwen3 8B", "Qwen/Qwen3-8B-GGUF:Q4_K_M", Apache, 8_190_735_360, 5_027_783_488,
            "Thorough answers, if you can wait for them.")
        {
            ContextLength = 40_960, BlockCount = 36, EmbeddingLength = 4096, KeyValueHeadCount = 8, HeadLength = 128,
        },
        new(
            "Qwen3 30B A3B", "Qwen/Qwen3-30B-A3B-GGUF:Q4_K_M", Apache, 30_532_122_624, 18_556_685_824,
            "For machines with much memory: large, but only a tenth of it works for each token.")
        {
            ActiveParameters = 3_353_032_704, ContextLength = 40_960, BlockCount = 48, EmbeddingLength = 2048, KeyValueHeadCount = 4,
            HeadLength = 128,
        },
    ];
}
