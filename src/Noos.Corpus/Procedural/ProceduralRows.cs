using Noos.Core;
using Noos.Corpus.Procedural.Exercises;
using Noos.Corpus.Rows;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Procedural;

/// <summary>
/// Endless rows of made-up material that can be predicted only by copying from what stands before: repeated random tokens, tables,
/// key-value look-ups, who has what, sorting, brackets. A start with such rows, and a few among the text, give small models in-context
/// copying, which text alone teaches late (arXiv:2601.21725, 2502.19249). Row i is a pure function of vocabulary, options, row length, seed
/// and i. Thread-safe.
/// </summary>
public sealed class ProceduralRows
{
    /// <summary>Changes whenever the same seed gives other rows: part of what names the data of a run.</summary>
    public const int Version = 5;

    // A first exercise that is longer than the row gives way to another; that all are is possible only in very short rows.
    const int MaxTries = 20;

    static readonly (string Name, int Weight, Func<ProceduralOptions, IExercise> Create)[] s_kinds =
    [
        ("keys", 4, _ => new KeyValueExercise()),
        ("people", 6, options => new PeopleExercise(options.People)),
        ("tables", 3, _ => new TableExercise()),
        ("lists", 3, _ => new ListExercise()),
        ("sorting", 2, _ => new SortingExercise()),
        ("brackets", 2, _ => new BracketExercise()),
        ("words", 3, _ => new RepeatedWordsExercise()),
    ];

    readonly Tokenizer _tokenizer;
    readonly ProceduralOptions _options;
    readonly ulong _seed;
    readonly int[] _ordinary;
    readonly IExercise[] _exercises;    // each as often as its weight says

    /// <exception cref="NoosException">There is no such exercise, or a number is out of range.</exception>
    public ProceduralRows(Tokenizer tokenizer, int rowLength, ulong seed, ProceduralOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 16);
        _tokenizer = tokenizer;
        _options = options ?? new ProceduralOptions();
        _seed = seed;
        RowLength = rowLength;
        _ordinary = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(token => !tokenizer.IsSpecial(token))];
        if (_options.RepeatedShare is not (>= 0 and <= 1) || _options.RepeatedLength < 0 || _options.RepeatedLength > rowLength / 2)
        {
            throw new NoosException(
                $"The share of repeated rows must be 0 to 1, and their length 0 to {rowLength / 2}, not {_options.RepeatedShare} and "
                + $"{_options.RepeatedLength}.");
        }

        var wanted = _options.Exercises.Count == 0 ? [.. Names] : _options.Exercises;
        var unknown = wanted.FirstOrDefault(name => !Names.Contains(name));
        _exercises = unknown is null
            ? [.. s_kinds.Where(kind => wanted.Contains(kind.Name)).SelectMany(kind =>
                Enumerable.Repeat(kind.Create(_options), kind.Weight))]
            : throw new NoosException(
                ErrorKind.NotFound, $"There is no exercise '{unknown}'; the exercises are {string.Join(", ", Names)}.");
    }

    /// <summary>The kinds of exercises.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_kinds.Select(kind => kind.Name)];

    /// <summary>Tokens of a row.</summary>
    public int RowLength { get; }

    /// <summary>Reads a row.</summary>
    /// <param name="row">From 0 on without end.</param>
    /// <param name="tokens">Receives <see cref="RowLength"/> tokens.</param>
    /// <param name="isTarget">Receives for each token whether it follows from those before it.</param>
    public void Read(long row, Span<int> tokens, Span<bool> isTarget)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        var random = new Random((int)(Permutation.Mix(_seed, (ulong)row) >> 33));
        tokens[..RowLength].Fill(_tokenizer.EndOfText);
        isTarget[..RowLength].Clear();

        // Cubic: half of the way all rows are rather easy.
        var difficulty = row < _options.EasyRows ? Math.Pow((row + 1.0) / _options.EasyRows, 3) : 1;
        if (random.NextDouble() < 1 - ((1 - _options.RepeatedShare) * difficulty))
        {
            new RepeatedTokens(_ordinary, _options.RepeatedLength, difficulty).Fill(random, tokens[1..RowLength], isTarget[1..RowLength]);
        }
        else
        {
            FillWithExercises(random, tokens[..RowLength], isTarget[..RowLength]);
        }
    }

    void FillWithExercises(Random random, Span<int> tokens, Span<bool> isTarget)
    {
        var written = new List<int>();
        var asked = new List<bool>();
        var place = 0;
        for (var tries = 1; ; tries++)
        {
            var text = new ExerciseText(random, _options.IsExamination);
            _exercises[random.Next(_exercises.Length)].Write(text);
            written.Clear();
            asked.Clear();
            text.Encode(_tokenizer, written, asked);

            // One token for the mark of the document before it.
            if (place + 1 + written.Count > tokens.Length)
            {
                if (place > 0)
                {
                    return;
                }

                if (tries < MaxTries)
                {
                    continue;
                }
            }

            place++;
            var count = Math.Min(written.Count, tokens.Length - place);
            for (var index = 0; index < count; index++)
            {
                tokens[place] = written[index];
                isTarget[place++] = asked[index];
            }
        }
    }
}
