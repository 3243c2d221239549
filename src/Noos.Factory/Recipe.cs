using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Language.Models;
using Noos.Training.Optimizers;
using Noos.Training.Runs;
using Tomlyn;

namespace Noos.Factory;

/// <summary>One text source of a recipe.</summary>
public sealed record RecipeSource
{
    public string Name { get; init; } = "";

    /// <summary>Below the data folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>How rows become documents; see <see cref="DocumentReaderRegistry"/>.</summary>
    public string Format { get; init; } = "text";

    /// <summary>How much of the source the tokenizer is trained on.</summary>
    public long TokenizerMegabytes { get; init; } = 4;

    /// <summary>How often the source is seen in one pass over the mixture.</summary>
    public double Passes { get; init; } = 1;

    public string Licence { get; init; } = "";
}

/// <summary>Vocabulary of a recipe.</summary>
public sealed record RecipeTokenizer
{
    public int Vocabulary { get; init; } = 4096;

    public long ConversationMegabytes { get; init; } = 3;
}

/// <summary>Shape of the model; see <see cref="TransformerConfig"/>.</summary>
public sealed record RecipeModel
{
    public int Context { get; init; } = 512;

    public int Embedding { get; init; } = 192;

    public int Blocks { get; init; } = 8;

    public int FeedForward { get; init; } = 512;

    public int Heads { get; init; } = 3;

    public int KeyValueHeads { get; init; } = 3;

    public int HeadLength { get; init; } = 64;

    public TransformerConfig ToConfig(int vocabularySize) => new()
    {
        VocabularySize = vocabularySize,
        ContextLength = Context,
        EmbeddingLength = Embedding,
        BlockCount = Blocks,
        FeedForwardLength = FeedForward,
        HeadCount = Heads,
        KeyValueHeadCount = KeyValueHeads,
        HeadLength = HeadLength,
    };
}

/// <summary>Settings of one training stage; see <see cref="TrainingPlan"/>.</summary>
public record RecipeTraining
{
    public long Steps { get; init; } = 20_000;

    public int Rows { get; init; } = 8;

    /// <summary><c>adamw</c> or <c>muon</c>.</summary>
    public string Optimizer { get; init; } = "adamw";

    public double LearningRate { get; init; } = 0.002;

    public double Beta2 { get; init; } = 0.999;

    public double WeightDecay { get; init; } = 0.1;

    public int Warmup { get; init; } = 200;

    public double DecayFraction { get; init; } = 0.5;

    public double FinalFraction { get; init; } = 0.05;

    public int Seed { get; init; } = 1;

    public int Workers { get; init; } = 2;

    public int EvaluateEvery { get; init; } = 500;

    public int CheckpointEvery { get; init; } = 250;

    public IReadOnlyList<string> Prompts { get; init; } = ["Once upon a time"];

    /// <param name="model">Shape of the model.</param>
    /// <param name="data">Names the data by content.</param>
    public TrainingPlan ToPlan(TransformerConfig model, string data) => new()
    {
        Model = model,
        Data = data,
        Steps = Steps,
        RowsPerStep = Rows,
        AdamW = new AdamWOptions { LearningRate = LearningRate, Beta2 = Beta2, WeightDecay = WeightDecay },
        Muon = Optimizer switch
        {
            "adamw" => null,
            "muon" => new MuonOptions(),
            _ => throw new NoosException($"There is no optimizer '{Optimizer}'; write adamw or muon in the recipe."),
        },
        WarmupSteps = Warmup,
        DecayFraction = DecayFraction,
        FinalFraction = FinalFraction,
        Seed = Seed,
        Workers = Workers,
        EvaluateEvery = EvaluateEvery,
        CheckpointEvery = CheckpointEvery,
    };
}

/// <summary>Settings of fine-tuning.</summary>
public sealed record RecipeFineTuning : RecipeTraining
{
    /// <summary>Every so-many-th row is text of the pretraining, against forgetting; 0 for none.</summary>
    public int PretrainingEvery { get; init; } = 12;
}

/// <summary>So many lessons of one course.</summary>
public sealed record RecipeCourse
{
    public string Name { get; init; } = "";

    public int Count { get; init; }
}

/// <summary>A public conversation set; <see cref="Name"/> says how its rows are read.</summary>
public sealed record RecipeConversations
{
    public string Name { get; init; } = "";

    /// <summary>Below the data folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>Take only so many, drawn by the seed.</summary>
    public int? Count { get; init; }

    public int Passes { get; init; } = 1;

    public string Licence { get; init; } = "";
}

/// <summary>The mixture of conversations to fine-tune on.</summary>
public sealed record RecipeLessons
{
    public int Seed { get; init; } = 1;

    public IReadOnlyList<RecipeCourse> Courses { get; init; } = [];

    public IReadOnlyList<RecipeConversations> Sets { get; init; } = [];
}

/// <summary>A whole life of a model, from sources to assistant, as a TOML file.</summary>
public sealed record Recipe
{
    static readonly TomlSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Name { get; init; } = "";

    /// <summary>Licence of the resulting weights.</summary>
    public string? Licence { get; init; }

    public RecipeTokenizer Tokenizer { get; init; } = new();

    public IReadOnlyList<RecipeSource> Sources { get; init; } = [];

    public RecipeModel Model { get; init; } = new();

    public RecipeTraining Pretrain { get; init; } = new();

    public RecipeLessons Lessons { get; init; } = new();

    public RecipeFineTuning FineTune { get; init; } = new();

    /// <summary>Where the recipe was read from.</summary>
    [JsonIgnore]
    public string File { get; init; } = "";

    /// <exception cref="NoosException">The file is missing, is no TOML, or lacks a name or sources.</exception>
    public static Recipe Read(string path)
    {
        try
        {
            var recipe = TomlSerializer.Deserialize<Recipe>(System.IO.File.ReadAllText(path), s_options) ?? throw new NoosException($"The recipe '{path}' is empty; start from recipes/nano.toml.");
            if (recipe.Name.Length == 0 || recipe.Name.AsSpan().ContainsAny(System.IO.Path.GetInvalidFileNameChars()))
            {
                throw new NoosException($"The recipe '{path}' needs a name that can be a folder, such as name = \"My-Model\".");
            }

            if (recipe.Sources.Count == 0 || recipe.Sources.Any(source => source.Name.Length == 0 || source.Path.Length == 0))
            {
                throw new NoosException($"The recipe '{path}' needs at least one [[sources]] entry with a name and a path.");
            }

            _ = recipe.Model.ToConfig(recipe.Tokenizer.Vocabulary).Validate();
            return recipe with { File = path };
        }
        catch (Exception exception) when (exception is TomlException or ArgumentException or IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NoosException($"The recipe '{path}' cannot be read: {exception.Message.Trim().Split('\n')[0].TrimEnd('.')}.", exception);
        }
    }
}
