using System.Runtime.CompilerServices;
using System.Text;
using Noos.Core.Conversations;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Documents;

/// <summary>Text for training a tokenizer: an even sample of some sources, so that a large source does not decide all merges.</summary>
public static class TokenizerSample
{
    /// <summary>About <paramref name="bytes"/> bytes of a source: every k-th document, or all of a smaller one. Reads it twice.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> TakeAsync(
        DocumentSource source, long bytes, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        long total = 0;
        await foreach (var document in source.ReadAsync(cancellationToken))
        {
            total += Encoding.UTF8.GetByteCount(document.Text);
        }

        // An accumulator instead of a step: exact for any ratio.
        double due = 0;
        var share = total == 0 ? 0 : Math.Min(1, (double)bytes / total);
        await foreach (var document in source.ReadAsync(cancellationToken))
        {
            due += share;
            if (due >= 1)
            {
                due--;
                yield return Encoding.UTF8.GetBytes(document.Text);
            }
        }
    }

    /// <summary>
    /// About <paramref name="bytes"/> bytes of conversations as <see cref="ChatFormat"/> writes them: roles, tool calls as JSON, results.
    /// This frame is rare in prose but in every conversation, so its pieces deserve tokens of their own. Ends where the conversations do.
    /// </summary>
    /// <returns>The text between special tokens, each stretch by itself: no token may reach across one.</returns>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> RenderConversationsAsync(
        IAsyncEnumerable<Conversation> conversations, long bytes, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        // A vocabulary of bytes: the layout in tokens before there are tokens.
        var tokenizer = BpeTrainer.Train([], SpecialTokens.All.Count + 256);
        var format = new ChatFormat(tokenizer);
        var tokens = new List<int>();
        var stretch = new List<byte>();
        long written = 0;
        await foreach (var conversation in conversations.WithCancellation(cancellationToken))
        {
            tokens.Clear();
            format.Render(conversation, tokens, []);
            // The end of text closes the last stretch.
            foreach (var token in tokens.Append(tokenizer.EndOfText))
            {
                if (!tokenizer.IsSpecial(token))
                {
                    stretch.AddRange(tokenizer.BytesOf(token));
                }
                else if (stretch.Count > 0)
                {
                    written += stretch.Count;
                    yield return stretch.ToArray();
                    stretch.Clear();
                }
            }

            if (written >= bytes)
            {
                break;
            }
        }
    }
}
