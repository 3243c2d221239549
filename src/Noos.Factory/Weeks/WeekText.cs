using System.IO.Hashing;
using System.Text;
using Noos.Corpus.Rows;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Weeks;

/// <summary>
/// Text against forgetting (the pretraining mix of Ouyang et al., 2022): of ten articles nine are learned among the lessons, and one is
/// kept for the gate.
/// </summary>
/// <param name="articles">In a fixed order.</param>
sealed class WeekText(IReadOnlyList<string> articles)
{
    const int HeldOutEvery = 10;

    /// <summary>Names the text by content.</summary>
    public string Fingerprint
    {
        get
        {
            var hash = new XxHash3();
            foreach (var article in articles)
            {
                hash.Append(Encoding.UTF8.GetBytes(article));
            }

            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
    }

    /// <summary>The articles of a week; null where it has none.</summary>
    public static async Task<WeekText?> ReadAsync(WeekServices services, CancellationToken cancellationToken) =>
        services.Texts is { } texts && await texts(cancellationToken).ToListAsync(cancellationToken) is { Count: >= HeldOutEvery } articles
            ? new WeekText(articles)
            : null;

    /// <summary>Articles that nobody learns, spread over all of them.</summary>
    public IReadOnlyList<string> HeldOut(int count)
    {
        string[] all = [.. articles.Where((_, index) => IsHeldOut(index))];
        count = Math.Min(count, all.Length);
        return [.. Enumerable.Range(0, count).Select(index => all[(int)((long)index * all.Length / count)])];
    }

    /// <summary>The other articles one behind the other, cut into rows, in a shuffled order that goes on without end.</summary>
    public IRowSource Rows(Tokenizer tokenizer, int rowLength, ulong seed)
    {
        int[] tokens =
        [
            .. articles.Where((_, index) => !IsHeldOut(index))
                .SelectMany(article => tokenizer.Encode(article).Prepend(tokenizer.EndOfText)),
        ];
        return new ArticleRows(tokens, rowLength, new Permutation(Math.Max(1, tokens.Length / rowLength), seed));
    }

    static bool IsHeldOut(int index) => index % HeldOutEvery == HeldOutEvery - 1;

    sealed class ArticleRows(int[] tokens, int rowLength, Permutation order) : IRowSource
    {
        readonly long _count = Math.Max(1, tokens.Length / rowLength);

        public TrainingRow Read(long index)
        {
            var start = (int)(order[index % _count] * rowLength);
            return new TrainingRow(tokens.AsSpan(start, Math.Min(rowLength, tokens.Length - start)).ToArray(), []);
        }
    }
}
