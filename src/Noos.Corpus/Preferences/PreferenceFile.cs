using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Preferences;

/// <summary>
/// Preferences as JSON lines, compressed if the name ends in <c>.zst</c>. Read are pairs (<c>prompt</c>, <c>chosen</c>,
/// <c>rejected</c>: the preference formats of TRL, ShareGPT's and Anthropic's notations, and what the page exports), ratings
/// (<c>instruction</c> or <c>prompt</c> with <c>completions</c>, <c>responses</c> or <c>answers</c>, each with a score or a rank:
/// UltraFeedback and its kin), texts that stand alone with a rating (<c>question</c>, <c>score</c>), and what this class writes.
/// </summary>
public static class PreferenceFile
{
    static readonly string[] s_lists = ["answers", "completions", "responses"];
    static readonly string[] s_scores = ["score", "overall_score", "rating"];
    static readonly string[] s_texts = ["content", "response", "text"];

    /// <summary>The groups of some files; lines about the same prompt, wherever they stand, are one group.</summary>
    /// <exception cref="NoosException">
    /// A file is missing (<see cref="ErrorKind.NotFound"/>), or a line says no preference (<see cref="ErrorKind.Damaged"/>); the message
    /// has its number.
    /// </exception>
    public static IReadOnlyList<PreferenceGroup> Read(params IEnumerable<string> paths) =>
        [.. ReadGroups(paths).Where(group => group.Pairs.Count > 0)];

    /// <summary>Prompts with two or more answers, judged or not: what a person is to compare.</summary>
    /// <exception cref="NoosException">A file is missing, or a line has no answers.</exception>
    public static IReadOnlyList<PreferenceGroup> ReadAnswers(params IEnumerable<string> paths) =>
        [.. ReadGroups(paths).Where(group => group.Answers.Count > 1)];

    /// <summary>Writes groups, one a line. The file appears whole or not at all.</summary>
    /// <returns>How many were written.</returns>
    public static long Write(string path, IEnumerable<PreferenceGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var count = 0L;
        CompressedFile.Write(path, stream =>
        {
            foreach (var group in groups)
            {
                using (var json = new Utf8JsonWriter(stream))
                {
                    json.WriteStartObject();
                    WriteFields(json, group);
                    json.WriteEndObject();
                }

                stream.WriteByte((byte)'\n');
                count++;
            }
        });
        return count;
    }

    /// <summary>The one group of a line, each answer at its place, equal ones too.</summary>
    internal static PreferenceGroup ReadOne(ReadOnlyMemory<byte> line, string origin)
    {
        var groups = new GroupList(keepsEqual: true);
        Read(line, origin, groups);
        return groups.ByPrompt.GetAt(0).Value.Build();
    }

    /// <summary>Writes the fields of a group into an object.</summary>
    internal static void WriteFields(Utf8JsonWriter json, PreferenceGroup group)
    {
        WriteMessages(json, "prompt", group.Prompt.Messages);
        json.WriteStartArray("answers");
        foreach (var answer in group.Answers)
        {
            json.WriteStartObject();
            WriteMessages(json, "messages", answer.Messages);
            if (!answer.IsEnded)
            {
                json.WriteBoolean("ended", false);
            }

            if (answer.Kind is { } kind)
            {
                json.WriteString("kind", kind);
            }

            if (answer.TrueScore is { } score)
            {
                json.WriteNumber("true_score", score);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("pairs");
        foreach (var pair in group.Pairs)
        {
            json.WriteStartArray();
            json.WriteNumberValue(pair.Better);
            json.WriteNumberValue(pair.Worse);
            if (pair.Weight != 1)
            {
                json.WriteNumberValue(pair.Weight);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    static IEnumerable<PreferenceGroup> ReadGroups(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var groups = new GroupList(keepsEqual: false);
        var rated = new RatedTexts();
        foreach (var path in paths)
        {
            foreach (var (number, bytes) in LineReader.Read(path))
            {
                Read(bytes, $"Line {number} of '{path}'", groups, rated);
            }
        }

        return groups.ByPrompt.Values.Select(group => group.Build()).Concat(rated.Groups);
    }

    static void WriteMessages(Utf8JsonWriter json, string name, IReadOnlyList<Message> messages)
    {
        using var conversation = JsonDocument.Parse(ConversationJson.WriteUtf8(new Conversation(messages)));
        json.WritePropertyName(name);
        json.WriteRawValue(conversation.RootElement.GetProperty("messages").GetRawText(), skipInputValidation: true);
    }

    static void Read(
        ReadOnlyMemory<byte> line, string origin, GroupList groups, RatedTexts? rated = null)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            if (row.TryGetProperty("chosen", out var chosen) && row.TryGetProperty("rejected", out var rejected))
            {
                ReadPair(row, chosen, rejected, origin, groups);
            }
            else if (Array.Find(s_lists, name => row.TryGetProperty(name, out _)) is { } list)
            {
                ReadList(row, row.GetProperty(list), origin, groups);
            }
            else if (rated?.TryAdd(row) != true)
            {
                throw Damaged(origin, "it has neither 'chosen' and 'rejected' nor a list of 'answers'");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw Damaged(origin, exception.Message.Split('\n')[0].TrimEnd('.'), exception);
        }
    }

    static void ReadPair(
        JsonElement row, JsonElement chosen, JsonElement rejected, string origin, GroupList groups)
    {
        var better = PreferenceMessages.Read(chosen, Role.Assistant, origin);
        var worse = PreferenceMessages.Read(rejected, Role.Assistant, origin);
        var prompt = row.TryGetProperty("prompt", out var said) || row.TryGetProperty("conversations", out said)
            ? PreferenceMessages.Read(said, Role.User, origin)
            : CommonStart(better, worse);
        if (prompt.Count == 0)
        {
            throw Damaged(origin, "it has no 'prompt', and its answers do not begin with the same question");
        }

        var group = Group(prompt, groups);
        group.Add(new Preference(
            group.Add(new PreferenceAnswer(WithoutStart(better, prompt))), group.Add(new PreferenceAnswer(WithoutStart(worse, prompt)))));
    }

    static void ReadList(JsonElement row, JsonElement list, string origin, GroupList groups)
    {
        var prompt = row.TryGetProperty("prompt", out var said) || row.TryGetProperty("instruction", out said)
            ? PreferenceMessages.Read(said, Role.User, origin)
            : throw Damaged(origin, "it has neither a 'prompt' nor an 'instruction'");
        var group = Group(prompt, groups);
        var places = new List<int>();
        var scores = new List<double?>();
        foreach (var item in list.EnumerateArray())
        {
            places.Add(group.Add(ReadAnswer(item, prompt, origin)));
            scores.Add(ReadScore(item));
        }

        if (row.TryGetProperty("pairs", out var pairs))
        {
            foreach (var pair in pairs.EnumerateArray())
            {
                if (pair.GetArrayLength() < 2)
                {
                    throw Damaged(origin, "a pair names fewer than two answers");
                }

                var (better, worse) = (pair[0].GetInt32(), pair[1].GetInt32());
                if (better == worse || Math.Min(better, worse) < 0 || Math.Max(better, worse) >= places.Count)
                {
                    throw Damaged(origin, $"a pair names the answers {better} and {worse} of {places.Count}");
                }

                group.Add(new Preference(places[better], places[worse], pair.GetArrayLength() > 2 ? pair[2].GetSingle() : 1));
            }

            return;
        }

        for (var better = 0; better < places.Count; better++)
        {
            for (var worse = 0; worse < places.Count; worse++)
            {
                if (scores[better] > scores[worse])
                {
                    group.Add(new Preference(places[better], places[worse]));
                }
            }
        }
    }

    static PreferenceAnswer ReadAnswer(JsonElement item, IReadOnlyList<Message> prompt, string origin)
    {
        if (item.ValueKind == JsonValueKind.String)
        {
            return new PreferenceAnswer([Message.Assistant(item.GetString()!)]);
        }

        var said = item.TryGetProperty("messages", out var messages)
            ? WithoutStart(PreferenceMessages.Read(messages, Role.Assistant, origin), prompt)
            : Array.Find(s_texts, name => item.TryGetProperty(name, out _)) is { } text
                ? PreferenceMessages.Read(item.GetProperty(text), Role.Assistant, origin)
                : throw Damaged(origin, "an answer has no 'messages' and no text");
        return new PreferenceAnswer(said)
        {
            IsEnded = !item.TryGetProperty("ended", out var ended) || ended.GetBoolean(),
            Kind = item.TryGetProperty("kind", out var kind) ? kind.GetString() : null,
            TrueScore = item.TryGetProperty("true_score", out var score) ? score.GetDouble() : null,
        };
    }

    // The larger the better; of ranks the first is the best.
    static double? ReadScore(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (item.TryGetProperty("rank", out var rank))
        {
            return -rank.GetDouble();
        }

        return Array.Find(s_scores, IsNumber) is { } score
            ? item.GetProperty(score).GetDouble()
            : null;

        bool IsNumber(string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number;
    }

    static IReadOnlyList<Message> CommonStart(IReadOnlyList<Message> one, IReadOnlyList<Message> other) =>
        [.. one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Select(pair => pair.First)];

    // Some files repeat the question in each answer.
    static IReadOnlyList<Message> WithoutStart(IReadOnlyList<Message> answer, IReadOnlyList<Message> prompt) =>
        answer.Count > prompt.Count && answer.Take(prompt.Count).SequenceEqual(prompt) ? [.. answer.Skip(prompt.Count)] : answer;

    static GroupBuilder Group(IReadOnlyList<Message> prompt, GroupList groups)
    {
        var conversation = new Conversation(prompt);
        var key = ConversationJson.Write(conversation);
        if (!groups.ByPrompt.TryGetValue(key, out var group))
        {
            groups.ByPrompt.Add(key, group = new GroupBuilder(conversation, groups.KeepsEqual));
        }

        return group;
    }

    static NoosException Damaged(string origin, string fault, Exception? inner = null)
    {
        var message = $"{origin} is no preference: {fault}.";
        return inner is null ? new NoosException(ErrorKind.Damaged, message) : new NoosException(ErrorKind.Damaged, message, inner);
    }

    /// <summary>What is read so far.</summary>
    sealed class GroupList(bool keepsEqual)
    {
        /// <summary>In the order in which they were met.</summary>
        public OrderedDictionary<string, GroupBuilder> ByPrompt { get; } = new(StringComparer.Ordinal);

        /// <summary>Equal answers to a prompt stay several.</summary>
        public bool KeepsEqual => keepsEqual;
    }

    /// <summary>Collects answers, equal ones as one unless told otherwise.</summary>
    sealed class GroupBuilder(Conversation prompt, bool keepsEqual)
    {
        readonly List<PreferenceAnswer> _answers = [];
        readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
        readonly List<Preference> _pairs = [];

        public int Add(PreferenceAnswer answer)
        {
            var key = $"{answer.IsEnded} {ConversationJson.Write(new Conversation(answer.Messages))}";
            if (keepsEqual || !_places.TryGetValue(key, out var place))
            {
                _places[key] = place = _answers.Count;
                _answers.Add(answer);
            }

            return place;
        }

        public void Add(Preference pair)
        {
            // Of equal answers none is the better one.
            if (pair.Better != pair.Worse)
            {
                _pairs.Add(pair);
            }
        }

        public PreferenceGroup Build() => new(prompt, _answers, _pairs);
    }
}
