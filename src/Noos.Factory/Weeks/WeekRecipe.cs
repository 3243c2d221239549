using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Factory.Recipes;
using Tomlyn;
using Tomlyn.Model;

namespace Noos.Factory.Weeks;

/// <summary>
/// How a model is taught every week: a TOML file such as recipes/weekly.toml. Paths are those of the recipe's folder, or of where the
/// program runs; models may be names of the library.
/// </summary>
public sealed record WeekRecipe
{
    static readonly TomlSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Names the model and its folder of weeks.</summary>
    public string Name { get; init; } = "";

    /// <summary>The base model from which every week begins again.</summary>
    public string Base { get; init; } = "";

    /// <summary>
    /// The assistant that answers while no champion was promoted: the first candidate is compared with it, and every candidate has its
    /// layout, tools and advice.
    /// </summary>
    public string Assistant { get; init; } = "";

    /// <summary>
    /// Conversations that every week learns again, as 'noos lessons' writes them; null for those of <see cref="Courses"/>.
    /// </summary>
    public string? Lessons { get; init; }

    /// <summary>Courses whose lessons are made anew.</summary>
    public IReadOnlyList<RecipeCourse> Courses { get; init; } = [];

    public WeekSources Collect { get; init; } = new();

    public WeekFineTuning FineTune { get; init; } = new();

    public WeekReward Reward { get; init; } = new();

    public WeekReinforcement Reinforce { get; init; } = new();

    public WeekGate Gate { get; init; } = new();

    /// <summary>Where the recipe was read from.</summary>
    [JsonIgnore]
    public string File { get; init; } = "";

    /// <summary>Names all settings: a week that was begun is not ended with others.</summary>
    public string Hash() => Convert.ToHexStringLower(
        XxHash3.Hash(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, FactoryJson.Options))));

    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>), is no TOML, or lacks what a week needs (<see cref="ErrorKind.Invalid"/>).
    /// </exception>
    public static WeekRecipe Read(string path)
    {
        try
        {
            RegularFile.Require(path);
            var text = System.IO.File.ReadAllText(path);
            RecipeKeys.RequireKnown(TomlSerializer.Deserialize<TomlTable>(text) ?? [], path, typeof(WeekRecipe));
            var recipe = TomlSerializer.Deserialize<WeekRecipe>(text, s_options)
                ?? throw new NoosException($"The recipe '{path}' is empty; start from recipes/weekly.toml.");
            return (recipe with { File = path }).Validate();
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

    /// <summary>A path of the recipe: below its folder where that is there, else as it stands.</summary>
    public string PathOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(File.Length > 0 ? File : ".")) ?? "", path);
        return Path.Exists(beside) ? beside : path;
    }

    WeekRecipe Validate()
    {
        Require(
            Name.Length > 0 && !Name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()),
            "needs a name that can be a file, such as name = \"My-Model\"");
        Require(Base.Length > 0, "needs the model that every week begins with, such as base = \"My-Model-base\"");
        Require(Assistant.Length > 0, "needs the assistant that it goes on from, such as assistant = \"My-Model\"");
        Require(
            Lessons is not null || Courses.Count > 0,
            "needs lessons that every week learns again: lessons = \"FILE\", or [[courses]] with a name and a count");
        _ = Collect.ToOptions(DateTimeOffset.MaxValue).Validate();
        _ = Reward.ToOptions().Validate();
        _ = Reinforce.ToOptions().Reinforcement.Validate();
        _ = Gate.ToOptions().Validate();
        Require(
            FineTune.TextEvery is 0 or >= 2,
            "needs lessons among its text: write text_every = 0 for no text, or 2 and more");
        Require(Gate.Prompts >= 20, "needs at least 20 fresh questions at its gate");
        return this;

        void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, $"The recipe '{File}' {what}.");
            }
        }
    }
}
