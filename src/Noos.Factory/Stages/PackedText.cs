using System.Globalization;
using Noos.Core;
using Noos.Corpus.Rows;
using Noos.Corpus.Shards;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;
using Noos.Training.Checkpoints;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>The training shards of a recipe as packed rows.</summary>
sealed class PackedText : IRowSource, IDisposable
{
    readonly List<ShardFile> _shards;
    readonly RowSource _rows;

    PackedText(List<ShardFile> shards, RowSource rows, string fingerprint)
    {
        _shards = shards;
        _rows = rows;
        Fingerprint = fingerprint;
    }

    /// <summary>In the order of the recipe's sources.</summary>
    public IReadOnlyList<ShardFile> Shards => _shards;

    /// <summary>Names vocabulary, text and mixture by content.</summary>
    public string Fingerprint { get; }

    public static PackedText Open(Recipe recipe, RecipeFolder folder, Tokenizer tokenizer, int rowLength, ulong seed)
    {
        var shards = new List<ShardFile>();
        try
        {
            foreach (var source in recipe.Sources)
            {
                folder.Require(folder.TrainShard(source.Name), $"shard of '{source.Name}'", "shards");
                shards.Add(ShardFile.Open(folder.TrainShard(source.Name)));
                shards[^1].RequireVocabulary(tokenizer);
            }

            var rows = new RowSource([.. shards.Zip(recipe.Sources, (shard, source) => (shard, source.Passes))], rowLength, seed);
            return new PackedText(
                shards, rows, string.Join(' ', shards.Zip(recipe.Sources, (shard, source) => $"{shard.ContentHash:x16}×{source.Passes}")));
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    /// <summary>Writes beside a run which documents it reads, and when; see <see cref="SeenDocuments"/>.</summary>
    /// <param name="run">The folder of the run.</param>
    /// <param name="count">Rows of the run.</param>
    /// <param name="toRunRow">The row of the run that a row of text is.</param>
    /// <param name="baseRun">The folder of the run whose newest weights it begins with; null where it begins anew.</param>
    /// <param name="lessons">What it reads among the text; null for nothing.</param>
    /// <exception cref="NoosException">The run has read other text before.</exception>
    public void WriteDocuments(
        string run, long count, Func<long, long> toRunRow, string? baseRun = null, SeenLessons? lessons = null)
    {
        // The list of what its checkpoints have seen must not become one of what they have not.
        if (CheckpointStore.ReadLatest(run) is { } begun && SeenDocuments.ReadData(run) is { } data && data != Fingerprint)
        {
            throw new NoosException(
                ErrorKind.Refused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The run in '{run}' (update {begun.State.Step:N0}) has read other shards than those that are there now: their "
                    + $"sources, the examinations that are kept out of them, or their passes have changed. Put them back as they were to "
                    + $"go on with it, or remove its folder to train anew."));
        }

        SeenDocuments.WriteIfNew(
            Path.Combine(run, SeenDocuments.FileName), _rows, count, toRunRow, Fingerprint,
            baseRun is not null && CheckpointStore.ReadLatest(baseRun) is { } latest ? new RunBeginning(baseRun, latest.State.Rows) : null,
            lessons);
    }

    public TrainingRow Read(long index)
    {
        var tokens = new int[_rows.RowLength];
        _rows.Read(index, tokens);
        return new TrainingRow(tokens, []);
    }

    public void Dispose() => _shards.ForEach(shard => shard.Dispose());
}
