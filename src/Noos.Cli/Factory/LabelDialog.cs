using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;

namespace Noos.Cli.Factory;

/// <summary>Shows prompts with their answers, one after the other, and takes what a person says about them, a line each.</summary>
/// <param name="items">What is to be judged.</param>
/// <param name="path">The file of labels; written after every one.</param>
/// <param name="rater">Who judges.</param>
/// <param name="input">Their lines.</param>
/// <param name="output">What they see.</param>
/// <param name="clock">When they said it.</param>
sealed partial class LabelDialog(
    IReadOnlyList<PreferenceGroup> items, string path, string rater, TextReader input, TextWriter output, TimeProvider clock)
{
    const string Help =
        """
          2 1 3       the best first: 2 before 1 before 3; what is not named comes last
          2 = 1 3     2 and 1 are equally good, 3 is worse
          e 2         write a better answer, from answer 2; it takes one line
          s           pass this one over
          u           undo the last one
          q           stop; what was judged is kept
        """;

    readonly List<Label> _labels = [.. LabelFile.Read(path)];

    /// <summary>Each so-many-th is asked a second time.</summary>
    public int RepeatEvery { get; init; } = 10;

    /// <returns>All labels of the file, when the rater stops or nothing is left.</returns>
    public IReadOnlyList<Label> Run(CancellationToken cancellationToken)
    {
        output.WriteLine(Help);
        while (!cancellationToken.IsCancellationRequested && Next() is ({ } item, var isRepeat))
        {
            if (!Ask(item, isRepeat))
            {
                break;
            }
        }

        return _labels;
    }

    /// <summary>The next item that the rater has not judged, or now and then one that they have.</summary>
    (PreferenceGroup Item, bool IsRepeat)? Next()
    {
        var mine = _labels.Where(label => label.Rater == rater).ToArray();
        var judged = mine.Where(label => !label.IsRepeat).ToArray();
        var repeats = mine.Count(label => label.IsRepeat);
        if (RepeatEvery > 0 && judged.Length / RepeatEvery > repeats
            && judged.FirstOrDefault(label => label.Places.Count > 0 && !label.HasEdit
                && !mine.Any(other => other.IsRepeat && other.Item == label.Item)) is { } again)
        {
            return (again.Group with { Pairs = [] }, true);
        }

        var known = judged.Select(label => label.Item).ToHashSet(StringComparer.Ordinal);
        return items.FirstOrDefault(item => !known.Contains(Label.ItemOf(item))) is { } fresh ? (fresh, false) : null;
    }

    /// <returns>False: the rater stops.</returns>
    bool Ask(PreferenceGroup item, bool isRepeat)
    {
        // In another order each time it is shown, so that nobody learns to prefer a place.
        var order = Enumerable.Range(0, item.Answers.Count).ToArray();
        new Random(_labels.Count).Shuffle(order);
        Show(item, order);
        while (true)
        {
            output.Write("> ");
            output.Flush();
            var line = input.ReadLine()?.Trim();
            switch (line)
            {
                case null or "q":
                    return false;
                case "u":
                    Undo();
                    return true;
                case "s":
                    Keep(Label.Create(item, [], rater, clock.GetUtcNow(), isRepeat: isRepeat));
                    return true;
                case ['e', .. var rest] when int.TryParse(rest, CultureInfo.InvariantCulture, out var number)
                    && number >= 1 && number <= order.Length:
                    if (Edit(item, item.Answers[order[number - 1]]))
                    {
                        return true;
                    }

                    break;
                default:
                    if (ReadPlaces(line, order) is { } places)
                    {
                        Keep(Label.Create(item, places, rater, clock.GetUtcNow(), isRepeat: isRepeat));
                        return true;
                    }

                    output.WriteLine(Help);
                    break;
            }
        }
    }

    void Show(PreferenceGroup item, int[] order)
    {
        output.WriteLine();
        foreach (var message in item.Prompt.Messages)
        {
            output.WriteLine($"{(message.Role == Role.User ? "?" : "·")} {message.Text().Trim()}");
        }

        foreach (var (index, answer) in order.Index())
        {
            var text = item.Answers[answer].Text.Trim();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  [{index + 1}] {text}{(item.Answers[answer].IsEnded ? "" : " ...")}"));
        }
    }

    bool Edit(PreferenceGroup item, PreferenceAnswer from)
    {
        output.WriteLine($"  {from.Text.Trim()}");
        output.Write("better: ");
        output.Flush();
        if (input.ReadLine()?.Trim() is not { Length: > 0 } text)
        {
            output.WriteLine("Nothing was written.");
            return false;
        }

        Keep(Label.Create(item, [], rater, clock.GetUtcNow(), text));
        return true;
    }

    void Keep(Label label)
    {
        _labels.Add(label);
        LabelFile.Write(path, _labels);
    }

    void Undo()
    {
        if (_labels.FindLastIndex(label => label.Rater == rater) is >= 0 and var last)
        {
            _labels.RemoveAt(last);
            LabelFile.Write(path, _labels);
        }
        else
        {
            output.WriteLine("There is nothing to undo.");
        }
    }

    /// <summary>The places of the answers in their own order; null where the line says no ranking.</summary>
    static int[]? ReadPlaces(string line, int[] order)
    {
        if (!RankingPattern().IsMatch(line))
        {
            return null;
        }

        var places = new int[order.Length];
        var (place, isEqual) = (0, false);
        foreach (Match match in TokenPattern().Matches(line))
        {
            if (match.Value == "=")
            {
                isEqual = true;
                continue;
            }

            var number = int.Parse(match.Value, CultureInfo.InvariantCulture);
            if (number < 1 || number > order.Length || places[order[number - 1]] != 0)
            {
                return null;
            }

            place += isEqual ? 0 : 1;
            isEqual = false;
            places[order[number - 1]] = place;
        }

        return [.. places.Select(given => given == 0 ? place + 1 : given)];
    }

    [GeneratedRegex(@"^\d{1,3}(?:\s*=\s*\d{1,3}|[\s>]+\d{1,3})*$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RankingPattern();

    [GeneratedRegex(@"\d+|=", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TokenPattern();
}
