using System.IO.Hashing;
using Noos.Corpus.Rows;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>Conversations as training rows.</summary>
sealed class PackedConversations(ConversationRows rows) : IRowSource
{
    public ConversationRows Rows => rows;

    public TrainingRow Read(long index)
    {
        var tokens = new int[rows.RowLength];
        var isTarget = new bool[rows.RowLength];
        rows.Read(index, tokens, isTarget);
        return new TrainingRow(tokens, isTarget[1..]);
    }

    public IReadOnlyList<TrainingRow> First(int count) =>
        [.. Enumerable.Range(0, (int)Math.Min(count, rows.RowsPerEpoch)).Select(index => Read(index))];

    /// <summary>Names a file of conversations by content.</summary>
    public static string FileHash(string path)
    {
        using var stream = File.OpenRead(path);
        var hash = new XxHash3();
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
