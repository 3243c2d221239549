using Noos.Core;
using Noos.Inference.Encoders;

namespace Noos.Cpus.Local;

/// <summary>
/// A cross-encoder that puts documents in the order in which they answer a question: it reads each together with the question (Nogueira
/// and Cho, arXiv:1901.04085). A score does not depend on the other documents. Thread-safe.
/// </summary>
public sealed class LocalReranker : IDisposable
{
    readonly EncoderModel _model;
    readonly bool _ownsModel;

    /// <param name="model">Owned if <paramref name="ownsModel"/>: disposed with the reranker.</param>
    /// <param name="ownsModel">False where somebody else disposes the model.</param>
    /// <exception cref="NoosException">The model does not score pairs, or gives more than one score.</exception>
    public LocalReranker(EncoderModel model, bool ownsModel = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Config.LabelCount != 1)
        {
            throw new NoosException(model.IsReranker
                ? $"The model '{model.Name}' sorts texts into {model.Config.LabelCount} classes and does not rank them; choose a reranker."
                : $"The model '{model.Name}' makes vectors and does not rank texts; choose a reranker, such as jina-reranker.");
        }

        (_model, _ownsModel) = (model, ownsModel);
    }

    /// <summary>The name of the model.</summary>
    public string Name => _model.Name;

    /// <summary>
    /// The tokens of a question and a document. A document is cut at its end to what the model reads.
    /// </summary>
    /// <exception cref="NoosException">The question leaves no room for a document.</exception>
    public EncoderText Encode(string question, string document)
    {
        var (tokens, second) = _model.Tokenizer.EncodePair(question, document);
        if (tokens.Length <= _model.ContextLength)
        {
            return new EncoderText(tokens, second);
        }

        // Room for a token of the document and the one behind it.
        return second + 2 <= _model.ContextLength
            ? new EncoderText([.. tokens.AsSpan(0, _model.ContextLength - 1), tokens[^1]], second)
            : throw new NoosException(
                $"The question has {second:N0} tokens, but '{_model.Name}' reads {_model.ContextLength:N0} with the document; shorten it.")
            {
                Code = NoosException.ContextLengthExceeded,
                Parameter = "query",
            };
    }

    /// <summary>Scores documents, the best first; of equal ones the earlier.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="documents">What may answer.</param>
    /// <param name="cancellationToken">Looked at between groups of documents.</param>
    /// <inheritdoc cref="Encode" path="/exception"/>
    public async Task<Ranking> RankAsync(
        string question, IReadOnlyList<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        EncoderText[] pairs = [.. documents.Select(document => Encode(question, document))];
        var scores = await _model.ScoreAsync(pairs, cancellationToken);
        return new Ranking(
        [
            // Ordered by what the model says: far from zero the logistic function makes different numbers equal.
            .. scores.Select((score, index) => (Index: index, Score: score[0])).OrderByDescending(scored => scored.Score)
                .Select(scored => new RankedDocument(scored.Index, 1 / (1 + Math.Exp(-scored.Score)))),
        ],
        pairs.Sum(pair => (long)pair.Tokens.Length));
    }

    public void Dispose()
    {
        if (_ownsModel)
        {
            _model.Dispose();
        }
    }
}
