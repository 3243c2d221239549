using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Training.Kernels;
using Tomlyn;

namespace Noos.Factory.Recipes;

/// <summary>
/// Everything that makes one model, from its sources to the assistant and their cards: a TOML file such as recipes/nano.toml.
/// </summary>
public sealed record Recipe
{
    static readonly TomlSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Name { get; init; } = "";

    /// <summary>
    /// Another recipe beside this one, of which this one says only what is different; resolved when it is read
    /// (<see cref="RecipeInheritance"/>), so null afterwards.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Extends { get; init; }

    /// <summary>Names of sources, sets and courses that the extended recipe has and this one has not; null afterwards.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Without { get; init; }

    /// <summary>Licence of the resulting weights.</summary>
    public string? Licence { get; init; }

    public RecipeTokenizer Tokenizer { get; init; } = new();

    public IReadOnlyList<RecipeSource> Sources { get; init; } = [];

    public RecipeModel Model { get; init; } = new();

    public RecipeSampling Sampling { get; init; } = new();

    public RecipePretraining Pretrain { get; init; } = new();

    /// <summary>Made-up rows before and among the text of pretraining; null for none. Left out of keys when it is not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecipeProcedural? Procedural { get; init; }

    /// <summary>Mid-training between pretraining and fine-tuning; null for none. Left out of keys when it is not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecipeMidTraining? MidTrain { get; init; }

    public RecipeLessons Lessons { get; init; } = new();

    public RecipeFineTuning FineTune { get; init; } = new();

    public RecipeCard Card { get; init; } = new();

    /// <summary>Where the recipe was read from.</summary>
    [JsonIgnore]
    public string File { get; init; } = "";

    /// <summary>The same recipe with other kernels in every training.</summary>
    /// <param name="kernels">One of <see cref="ProductOptions.Names"/>.</param>
    public Recipe WithKernels(string kernels) => this with
    {
        Pretrain = Pretrain with { Kernels = kernels },
        MidTrain = MidTrain is null ? null : MidTrain with { Kernels = kernels },
        FineTune = FineTune with { Kernels = kernels },
    };

    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>), is no TOML, or lacks a name or sources (<see cref="ErrorKind.Invalid"/>).
    /// </exception>
    public static Recipe Read(string path)
    {
        try
        {
            var recipe = TomlSerializer.Deserialize<Recipe>(RecipeInheritance.Read(path), s_options)
                ?? throw new NoosException($"The recipe '{path}' is empty; start from recipes/nano.toml.");
            if (recipe.Name.Length == 0 || recipe.Name.AsSpan().ContainsAny(System.IO.Path.GetInvalidFileNameChars()))
            {
                throw new NoosException($"The recipe '{path}' needs a name that can be a folder, such as name = \"My-Model\".");
            }

            if (recipe.Sources.Count == 0 || recipe.Sources.Any(source => source.Name.Length == 0 || source.Path.Length == 0))
            {
                throw new NoosException($"The recipe '{path}' needs at least one [[sources]] entry with a name and a path.");
            }

            _ = recipe.Model.ToConfig(recipe.Tokenizer.Vocabulary).Validate();
            _ = recipe.Sampling.ToAdvice();
            return recipe with { File = path };
        }
        catch (Exception exception)
            when (exception is TomlException or ArgumentException or IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NoosException(
                exception is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.Invalid,
                $"The recipe '{path}' cannot be read: {exception.Message.Trim().Split('\n')[0].TrimEnd('.')}.",
                exception);
        }
    }
}
