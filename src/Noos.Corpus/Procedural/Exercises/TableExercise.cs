namespace Noos.Corpus.Procedural.Exercises;

/// <summary>A table with a header, then single cells by row and column.</summary>
sealed class TableExercise : IExercise
{
    static readonly string[] s_columns =
        ["name", "city", "price", "age", "colour", "code", "size", "owner", "room", "score", "day", "number", "weight", "kind", "street"];

    public void Write(ExerciseText text)
    {
        var columns = text.Random.Next(4) == 0
            ? text.Distinct(text.Random.Next(2, 5), () => ExerciseWords.Invented(text))
            : text.PickMany(s_columns, text.Random.Next(2, 5));
        var rows = text.Random.Next(2, 7);
        var cells = columns.Select(_ => text.Distinct(rows, () => ExerciseWords.Value(text))).ToArray();
        var sign = text.Pick(" | ", ", ", "; ");
        text.Say(string.Join(sign, columns)).Say("\n");
        for (var row = 0; row < rows; row++)
        {
            text.Say(string.Join(sign, cells.Select(column => column[row]))).Say("\n");
        }

        var questions = text.Random.Next(1, rows + 1);
        for (var question = 0; question < questions; question++)
        {
            var row = text.Random.Next(rows);
            var column = text.Random.Next(1, columns.Length);
            text.Say($"{columns[column]} of {cells[0][row]}:").Ask($" {cells[column][row]}").Say("\n");
        }
    }
}
