using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Corpus.Preferences;

/// <summary>
/// Texts that stand alone with a rating, such as those of the query well-formedness set (Faruqui and Das, 2018: <c>question</c> and
/// <c>score</c>, 0 to 1), as preferences: neighbours of a file are answers to one prompt, and of two whose ratings are far apart the higher
/// is the better. What people rate nearly alike is no pair. Not thread-safe.
/// </summary>
sealed class RatedTexts
{
    const int TextsPerGroup = 4;
    const double MinGap = 0.4;

    static readonly Conversation s_prompt = Conversation.From(Message.User("Ask a question."));

    readonly List<(string Text, double Score)> _open = [];
    readonly List<PreferenceGroup> _groups = [];

    /// <summary>Groups in the order of the files; a rest that fills none is left out.</summary>
    public IReadOnlyList<PreferenceGroup> Groups => _groups;

    /// <summary>Takes a row that is one.</summary>
    /// <returns>Whether it is.</returns>
    public bool TryAdd(JsonElement row)
    {
        if (!row.TryGetProperty("question", out var text) || text.ValueKind != JsonValueKind.String
            || !row.TryGetProperty("score", out var score) || score.ValueKind != JsonValueKind.Number)
        {
            return false;
        }

        _open.Add((text.GetString()!.Trim(), score.GetDouble()));
        if (_open.Count == TextsPerGroup)
        {
            _groups.Add(new PreferenceGroup(
                s_prompt, [.. _open.Select(item => new PreferenceAnswer([Message.Assistant(item.Text)]) { TrueScore = item.Score })],
                [.. Pairs()]));
            _open.Clear();
        }

        return true;
    }

    IEnumerable<Preference> Pairs()
    {
        for (var better = 0; better < _open.Count; better++)
        {
            for (var worse = 0; worse < _open.Count; worse++)
            {
                // Ratings are fifths: a gap of two of them is 0.4 but for rounding.
                if (_open[better].Score - _open[worse].Score >= MinGap - 1e-9)
                {
                    yield return new Preference(better, worse);
                }
            }
        }
    }
}
