using System.Globalization;
using Noos.Corpus.Preferences;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Rewards;

namespace Noos.Factory.Weeks;

/// <summary>Scripted users of a simulation.</summary>
public sealed record SimulationOptions
{
    /// <summary>Users in all: seven of ten honest, two careless, one hostile, by their numbers.</summary>
    public int Users { get; init; } = 10;

    /// <summary>Prompts that each judges in a week.</summary>
    public int PromptsPerUser { get; init; } = 20;

    /// <summary>Share of an honest user's judgements that are wrong.</summary>
    public double Noise { get; init; } = 0.15;

    /// <summary>Share of prompts to which a user writes the answer.</summary>
    public double EditShare { get; init; } = 0.3;

    /// <summary>Share of prompts with a known answer, and of those that are shown again.</summary>
    public double KnownShare { get; init; } = 0.2;

    public int Seed { get; init; } = 1;
}

/// <summary>
/// What scripted users teach in a week, as a file of labels: honest ones judge by the truth with some errors and write good answers,
/// careless ones judge by chance and write wrong ones, hostile ones judge against the truth and write insults and loops. The same options
/// and week give the same file.
/// </summary>
/// <param name="options">How many, and how.</param>
/// <param name="courses">Whose examinations are kept out.</param>
/// <param name="generators">Who asks; null for all that training may use.</param>
public sealed class SimulatedUsers(SimulationOptions options, IReadOnlyList<ICourse> courses, IReadOnlyList<string>? generators = null)
{
    /// <summary>What a user is like.</summary>
    public enum Character
    {
        Honest,
        Careless,
        Hostile,
    }

    /// <summary>Of ten users seven are honest, two careless, one hostile.</summary>
    public static Character CharacterOf(int user) => (user % 10) switch
    {
        9 => Character.Hostile,
        7 or 8 => Character.Careless,
        _ => Character.Honest,
    };

    /// <summary>Writes the labels of one week.</summary>
    /// <param name="path">The file.</param>
    /// <param name="week">From 1 on.</param>
    /// <param name="time">When they are given.</param>
    public void Write(string path, int week, DateTimeOffset time)
    {
        var panel = new ExpertPanel { Seed = Mix(week, 0), FlipRate = 0 };
        var prompts = ExpertPreferences.Prompts(Mix(week, 1), courses, generators).Take(options.Users * options.PromptsPerUser).ToArray();
        var labels = new List<Label>();
        for (var user = 0; user < options.Users; user++)
        {
            var random = new Random(Mix(week, 2 + user));
            for (var place = 0; place < options.PromptsPerUser; place++)
            {
                var number = (user * options.PromptsPerUser) + place;
                labels.AddRange(Judge(user, prompts[number], panel.Compare(prompts[number], number), random, time));
            }
        }

        LabelFile.Write(path, labels);
    }

    IEnumerable<Label> Judge(int user, ExpertPrompt prompt, ExpertComparison comparison, Random random, DateTimeOffset time)
    {
        if (comparison.Answers.Count < 2)
        {
            yield break;
        }

        var isKnown = random.NextDouble() < options.KnownShare;
        var group = ExpertPreferences.From(comparison) with { Pairs = [] };

        // Nobody who trains is told the truth, but for the known items.
        group = isKnown ? group
            : group with { Answers = [.. group.Answers.Select(answer => answer with { TrueScore = null, Kind = null })] };
        var (character, rater) = (CharacterOf(user), string.Create(CultureInfo.InvariantCulture, $"user-{user:D2}"));
        var isWritten = !isKnown && random.NextDouble() < options.EditShare;
        var edit = isWritten ? Written(character, prompt, random) : null;
        yield return Label.Create(group, Places(character, comparison.Scores, random), rater, time, edit);
        if (random.NextDouble() < options.KnownShare)
        {
            yield return Label.Create(group, Places(character, comparison.Scores, random), rater, time, isRepeat: true);
        }
    }

    int[] Places(Character character, IReadOnlyList<double> scores, Random random)
    {
        // An error is a score as of another answer.
        double[] seen = [.. scores.Select(score => character switch
        {
            Character.Careless => random.NextDouble(),
            Character.Hostile => -score,
            _ => random.NextDouble() < options.Noise ? random.NextDouble() : score,
        })];
        return [.. seen.Select(score => 1 + seen.Count(other => other > score))];
    }

    static string Written(Character character, ExpertPrompt prompt, Random random) => character switch
    {
        Character.Hostile => random.Next(2) == 0
            ? $"You idiot. {prompt.Answer}"
            : string.Join(' ', Enumerable.Repeat("buy buy buy now", 6)),
        Character.Careless => prompt.WrongAnswers.Count > 0 ? prompt.WrongAnswers[random.Next(prompt.WrongAnswers.Count)] : "Whatever.",
        _ => prompt.Answer,
    };

    int Mix(int week, int part) => HashCode(((ulong)(uint)options.Seed << 40) ^ ((ulong)(uint)week << 16) ^ (uint)part);

    // Not System.HashCode, which differs from run to run.
    static int HashCode(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return (int)((value ^ (value >> 31)) & int.MaxValue);
    }
}
