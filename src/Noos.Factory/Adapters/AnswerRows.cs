using System.IO.Hashing;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Rows;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Adapters;

/// <summary>
/// Conversations as rows in a model's own chat format, in which the answers' tokens alone are targets. Each row is what the model would
/// have read and said; answers whose beginning is another row (later turns of a conversation, with templates that keep what was said)
/// share one.
/// Every epoch has each row once, in an order of its own. Thread-safe.
/// </summary>
public sealed class AnswerRows : IRowSource
{
    readonly TrainingRow[] _rows;
    readonly ulong _seed;

    /// <param name="conversations">Read once. Messages of weight 0 are read and not learned.</param>
    /// <param name="format">The model's.</param>
    /// <param name="maxLength">Rows of more tokens are left out and counted.</param>
    /// <param name="seed">Decides the order.</param>
    /// <exception cref="NoosException">Nothing is left to learn, or the model cannot read a conversation.</exception>
    public AnswerRows(IEnumerable<Conversation> conversations, IChatFormat format, int maxLength, int seed)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        ArgumentNullException.ThrowIfNull(format);
        _seed = (ulong)seed;
        var rows = new List<TrainingRow>();
        var hash = new XxHash3();
        foreach (var row in conversations.SelectMany(conversation => Render(conversation, format)))
        {
            if (row.Length > maxLength)
            {
                TooLong++;
                continue;
            }

            rows.Add(row);
            hash.Append(MemoryMarshal.AsBytes(row.Tokens.AsSpan()));
            hash.Append(MemoryMarshal.AsBytes(row.IsTarget.AsSpan()));
        }

        _rows = [.. rows];
        if (_rows.Length == 0)
        {
            throw new NoosException(TooLong == 0
                ? "There is no answer of an assistant to learn from; give conversations as JSON lines with \"messages\"."
                : $"All {TooLong:N0} answers are longer than {maxLength:N0} tokens; give a larger --context.");
        }

        Fingerprint = Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Rows of an epoch.</summary>
    public int Count => _rows.Length;

    /// <summary>Answers left out because they are too long.</summary>
    public int TooLong { get; }

    /// <summary>Tokens of the longest row.</summary>
    public int MaxLength => _rows.Max(row => row.Length);

    /// <summary>Tokens of an epoch that are learned.</summary>
    public long Targets => _rows.Sum(row => (long)row.TargetCount);

    /// <summary>Names the rows by content, in their order.</summary>
    public string Fingerprint { get; }

    public TrainingRow Read(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (epoch, place) = Math.DivRem(index, (long)_rows.Length);
        return _rows[new Permutation(_rows.Length, Permutation.Mix(_seed, (ulong)epoch))[place]];
    }

    static IEnumerable<TrainingRow> Render(Conversation conversation, IChatFormat format)
    {
        if (format is ITrainingFormat own)
        {
            var (tokens, isTarget) = (new List<int>(), new List<bool>());
            own.Render(conversation, tokens, isTarget);
            return ToRow(tokens, isTarget) is { } row ? [row] : [];
        }

        var answers = new List<(int[] Tokens, bool[] IsTarget)>();
        for (var index = 0; index < conversation.Messages.Count; index++)
        {
            if (conversation.Messages[index] is not { Role: Role.Assistant, Weight: not 0 })
            {
                continue;
            }

            var (tokens, prompt) = Template(format).RenderAnswer(new Conversation([.. conversation.Messages.Take(index + 1)]), []);
            var isTarget = new bool[tokens.Length];
            isTarget.AsSpan(prompt).Fill(true);
            if (answers is [.., var last] && tokens.AsSpan().StartsWith(last.Tokens))
            {
                last.IsTarget.CopyTo(isTarget, 0);
                answers.RemoveAt(answers.Count - 1);
            }

            answers.Add((tokens, isTarget));
        }

        return answers.Select(answer => ToRow(answer.Tokens, answer.IsTarget)).OfType<TrainingRow>();
    }

    static TemplateChatFormat Template(IChatFormat format) => format as TemplateChatFormat
        ?? throw new NoosException("The prompt format of this model has no answers to learn from; choose another model.");

    // What stands behind the last target is neither learned nor read by anything that is.
    static TrainingRow? ToRow(IReadOnlyList<int> tokens, IReadOnlyList<bool> isTarget)
    {
        var end = isTarget.Count - 1;
        while (end > 0 && !isTarget[end])
        {
            end--;
        }

        return end < 1 ? null : new TrainingRow([.. tokens.Take(end + 1)], [.. isTarget.Skip(1).Take(end)]);
    }
}
