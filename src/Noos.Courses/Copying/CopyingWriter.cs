using Noos.Courses.Lessons;

namespace Noos.Courses.Copying;

/// <summary>Exercises whose answer stands in the question: who has what, tables, keys and values, lists, repeating.</summary>
sealed class CopyingWriter(Draw draw, CopyingPhrases phrases)
{
    readonly Slots _slots = new(phrases.Lists, draw);

    /// <summary>A text to be said again.</summary>
    public (string Question, string Answer) Repeat()
    {
        var text = draw.Index(0, 3) switch
        {
            0 => Sentences.Capitalize(Statement(draw.Pick(phrases.Relations), _slots.Fill("{name}"))) + ".",
            1 => string.Join(' ', Distinct(draw.Index(2, 8), Digits)),
            2 => string.Join(", ", Distinct(draw.Index(2, 8), Thing)),
            _ => string.Join(' ', Distinct(draw.Index(1, 12), Thing)),
        };
        return (draw.Pick(phrases.Repeats).Replace("{t}", text), text);
    }

    /// <summary>Facts about people, and a question about one of them.</summary>
    public (string Question, string Answer) People(int count)
    {
        var relations = draw.PickMany(phrases.Relations, draw.Pick(1, 1, 1, 2)).DistinctBy(relation => relation.Statement).ToArray();
        var names = Distinct(count, () => _slots.Fill("{name}"));
        var facts = relations.SelectMany(relation => names.Zip(Distinct(count, () => Value(relation)),
            (name, value) => (name, relation, value)));
        var told = draw.PickMany(facts, count * relations.Length);
        var text = string.Join(' ', told.Select(fact => fact.relation.Statement.Replace("{n}", fact.name).Replace("{v}", fact.value)
            + "."));
        var (name, relation, value) = draw.Pick(told);
        return draw.Chance(0.3)
            ? ($"{text}{Break()}{draw.Pick(relation.PersonQuestions).Replace("{v}", value)}", name)
            : ($"{text}{Break()}{draw.Pick(relation.Questions).Replace("{n}", name)}", value);
    }

    /// <summary>Pairs, and a question for the value of one of them.</summary>
    public (string Question, string Answer) Pairs()
    {
        var count = draw.Index(2, 9);
        var (keys, values) = (Distinct(count, Thing), Distinct(count, AnyValue));
        var sign = draw.Pick(": ", " = ", " - ", " is ", " -> ");
        var text = string.Join(draw.Pick("\n", "\n", "; ", ", "), keys.Zip(values, (key, value) => key + sign + value));
        var index = draw.Index(0, count - 1);
        return ($"{text}\n\n{draw.Pick(phrases.Keys).Replace("{k}", keys[index])}", values[index]);
    }

    /// <summary>A table, and a question for one of its cells.</summary>
    public (string Question, string Answer) Table()
    {
        var columns = draw.PickMany(phrases.Columns, draw.Index(2, 4));
        var rows = draw.Index(2, 5);
        var cells = columns.Select(_ => Distinct(rows, AnyValue)).ToArray();
        cells[0] = Distinct(rows, () => _slots.Fill("{name}"));
        var sign = draw.Pick(" | ", ", ", "; ");
        var lines = Enumerable.Range(-1, rows + 1).Select(row =>
            string.Join(sign, row < 0 ? columns : cells.Select(column => column[row])));
        var (asked, column) = (draw.Index(0, rows - 1), draw.Index(1, columns.Length - 1));
        var question = draw.Pick(phrases.Cells).Replace("{c}", columns[column]).Replace("{r}", cells[0][asked]);
        return ($"{string.Join('\n', lines)}\n\n{Sentences.Capitalize(question)}", cells[column][asked]);
    }

    /// <summary>A list, and a question for one of its items by its place.</summary>
    public (string Question, string Answer) Item()
    {
        var count = draw.Index(3, 8);
        var items = Distinct(count, AnyValue);
        var kind = draw.PickMany(phrases.Items.Keys.Order(StringComparer.Ordinal), 1)[0];
        var place = draw.Index(1, count - 1);
        var (key, answer) = kind switch
        {
            "first" => ("", items[0]),
            "last" => ("", items[^1]),
            "after" => (items[place - 1], items[place]),
            _ => (draw.Chance(0.5) ? $"{place}" : NumberWords.Spell(place), items[place - 1]),
        };
        return (draw.Pick(phrases.Items[kind]).Replace("{k}", key).Replace("{l}", string.Join(draw.Pick(", ", " "), items)), answer);
    }

    string Statement(CopyingRelation relation, string name) => relation.Statement.Replace("{n}", name).Replace("{v}", Value(relation));

    string Value(CopyingRelation relation) => relation.Values == "{Digits}" ? Digits() : _slots.Fill(relation.Values);

    string Thing() => draw.Chance(0.5) ? _slots.Fill("{thing}") : draw.InventedWord();

    string AnyValue() => draw.Index(0, 3) switch
    {
        0 => Digits(),
        1 => _slots.Fill("{Code}"),
        2 => _slots.Fill("{thing}"),
        _ => draw.InventedWord(),
    };

    string Digits() => $"{draw.Digits(draw.Index(2, 4))}";

    string Break() => draw.Pick(" ", " ", "\n", "\n\n");

    string[] Distinct(int count, Func<string> create)
    {
        var made = new List<string>();
        while (made.Count < count)
        {
            // None is a part of another: an answer shall be one thing.
            var item = create();
            if (!made.Exists(other =>
                other.Contains(item, StringComparison.OrdinalIgnoreCase) || item.Contains(other, StringComparison.OrdinalIgnoreCase)))
            {
                made.Add(item);
            }
        }

        return [.. made];
    }
}
