using System.Text;
using Noos.Courses.Lessons;

namespace Noos.Courses.Reading;

/// <summary>
/// Writes invented passages and a question, with the answer as it stands there. Facts are drawn, so that memory is no help.
/// </summary>
sealed class ReadingWriter(Draw draw, ReadingScript script)
{
    const int MinFields = 2;
    const int MaxFields = 5;
    const int MaxPassages = 4;
    const int Attempts = 50;

    readonly Slots _slots = new(script.Lists, draw);

    public Slots Slots => _slots;

    /// <param name="kind">The form.</param>
    /// <param name="isAnswerable">Whether the text says.</param>
    /// <param name="topic">What it is about; drawn when null.</param>
    public ReadingItem Next(ReadingKind kind, bool isAnswerable, ReadingTopic? topic = null)
    {
        topic ??= draw.Pick(script.Topics);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var stories = Stories(topic, kind == ReadingKind.Several ? draw.Index(2, MaxPassages) : 1);
            if ((isAnswerable ? Answerable(kind, topic, stories) : Unanswerable(kind, topic, stories)) is { } item)
            {
                return item;
            }
        }

        throw new InvalidOperationException($"The topic {topic.Name} gives no question.");
    }

    static string Say(string template, string subject, string value) =>
        Sentences.Capitalize(Slots.CorrectArticles(template.Replace("{s}", subject).Replace("{v}", value)));

    ReadingItem? Answerable(ReadingKind kind, ReadingTopic topic, List<Story> stories)
    {
        var index = draw.Index(0, stories.Count - 1);
        var story = stories[index];
        var (field, value) = draw.Pick(story.Facts);
        var passages = stories.ConvertAll(other => Write(kind, topic, other));
        var asksSubject = kind != ReadingKind.Card && field.SubjectQuestions.Count > 0 && draw.Chance(0.3)
            // The value must point at one subject alone.
            && stories.TrueForAll(other => other == story || other.Facts.TrueForAll(fact => !fact.Value.Contains(value)));
        var (question, answer) = asksSubject
            ? (draw.Pick(field.SubjectQuestions), story.Subject)
            : (draw.Pick(field.Questions), value);

        // As it stands there: a subject may begin a sentence.
        var place = passages[index].IndexOf(answer, StringComparison.OrdinalIgnoreCase);
        return place < 0 ? null : new ReadingItem(
            kind, topic.Name, passages, Say(question, story.Subject, value), passages[index].Substring(place, answer.Length), index,
            [.. stories.Select(other => other.Subject)]);
    }

    ReadingItem? Unanswerable(ReadingKind kind, ReadingTopic topic, List<Story> stories)
    {
        var story = draw.Pick(stories);
        var subjects = stories.ConvertAll(other => other.Subject);
        ReadingField field;
        string subject;
        if (draw.Chance(0.5))
        {
            // Nothing of the kind is told of the subject, though perhaps of another one.
            var untold = topic.Fields.Where(candidate => story.Facts.TrueForAll(fact => fact.Field != candidate)).ToArray();
            if (untold.Length == 0)
            {
                return null;
            }

            (field, subject) = (draw.Pick(untold), story.Subject);
        }
        else
        {
            // It is told, but of somebody else.
            (field, subject) = (draw.Pick(story.Facts).Field, _slots.Fill(draw.Pick(topic.Subjects)));
            if (subjects.Contains(subject))
            {
                return null;
            }

            subjects.Add(subject);
        }

        return new ReadingItem(
            kind, topic.Name, stories.ConvertAll(other => Write(kind, topic, other)), Say(draw.Pick(field.Questions), subject, ""), null,
                -1,
            subjects);
    }

    List<Story> Stories(ReadingTopic topic, int count)
    {
        var stories = new List<Story>();
        while (stories.Count < count)
        {
            var subject = _slots.Fill(draw.Pick(topic.Subjects));
            if (stories.Exists(story => story.Subject == subject))
            {
                continue;
            }

            // Short ones where there are several, so that all fit into a row of training.
            var fields = draw.PickMany(topic.Fields, draw.Index(MinFields, count > 1 ? 3 : Math.Min(MaxFields, topic.Fields.Count - 1)));
            stories.Add(new Story(subject, [.. fields.Select(field => new Fact(field, _slots.Fill(field.Value)))]));
        }

        return stories;
    }

    string Write(ReadingKind kind, ReadingTopic topic, Story story)
    {
        if (kind == ReadingKind.Card)
        {
            var lines = story.Facts.Select(fact => $"{Sentences.Capitalize(fact.Field.Label)}: {fact.Value}");
            return $"{Sentences.Capitalize(story.Subject)}\n{string.Join('\n', lines)}";
        }

        var sentences = story.Facts.ConvertAll(fact => SentenceFor(fact));
        foreach (var filler in draw.PickMany(topic.Fillers, draw.Index(0, 2)))
        {
            sentences.Insert(draw.Index(0, sentences.Count), (filler, ""));
        }

        var pronoun = topic.Pronouns.Count == 0 ? null : _slots.Fill(draw.Pick(topic.Pronouns));
        var text = new StringBuilder();
        foreach (var (template, value) in sentences)
        {
            var isLater = text.Length > 0;
            var named = isLater && pronoun is not null && template.StartsWith("{s} ", StringComparison.Ordinal) && draw.Chance(0.4)
                ? pronoun + template[3..]
                : template;
            text.Append(isLater ? " " : "").Append(Say(named, story.Subject, value));
        }

        return text.ToString();
    }

    (string Template, string Value) SentenceFor(Fact fact)
    {
        // A sentence that begins with the value would give it a capital letter.
        var template = draw.Pick(fact.Field.Sentences);
        return template.StartsWith("{v}", StringComparison.Ordinal) && char.IsLower(fact.Value[0])
            ? (fact.Field.Sentences.First(other => !other.StartsWith("{v}", StringComparison.Ordinal)), fact.Value)
            : (template, fact.Value);
    }

    sealed record Story(string Subject, List<Fact> Facts);

    sealed record Fact(ReadingField Field, string Value);
}
