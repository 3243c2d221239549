using System.Globalization;
using Noos.Core;
using Noos.Corpus.Procedural;
using Noos.Training.FineTuning;

namespace Noos.Factory.Recipes;

/// <summary>Made-up rows that teach to copy from the context, in a pretraining run; see <see cref="ProceduralRows"/>.</summary>
public sealed record RecipeProcedural
{
    /// <summary>The run begins with so many of them alone.</summary>
    public long WarmupRows { get; init; } = 2_000;

    /// <summary>The first so many of these get harder from row to row; 0 for all kinds at once.</summary>
    public int EasyRows { get; init; }

    /// <summary>Afterwards each so-many-th row is one; 0 for none.</summary>
    public int Every { get; init; } = 12;

    /// <summary>Share of the rows that repeat random tokens; the others hold exercises in text.</summary>
    public double RepeatedShare { get; init; } = 0.4;

    /// <summary>Kinds of exercises, of <see cref="ProceduralRows.Names"/>; empty for all.</summary>
    public IReadOnlyList<string> Exercises { get; init; } = [];

    /// <summary>Names the rows by content, as a part of what names the data of a run.</summary>
    internal string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $" procedural {ProceduralRows.Version}: {WarmupRows} {EasyRows} {Every} {RepeatedShare} {string.Join(',', Exercises)}");

    /// <summary>The row of the run that a row of the text is.</summary>
    internal long RunRowOf(long textRow) =>
        WarmupRows + MixedRows.RowOfConversations(textRow, Every);

    internal ProceduralOptions ToOptions() => new() { RepeatedShare = RepeatedShare, Exercises = Exercises };

    /// <exception cref="NoosException">A number is out of range.</exception>
    internal RecipeProcedural Validate() => WarmupRows >= 0 && Every is 0 or >= 2
        ? this
        : throw new NoosException(
            $"Under [procedural] of the recipe warmup_rows must be 0 or more, and every 0 or at least 2, not {WarmupRows} and {Every}.");
}
