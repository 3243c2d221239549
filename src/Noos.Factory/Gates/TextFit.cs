using System.Text.Json.Serialization;
using Noos.Factory.Models;
using Noos.Training.Gradients;
using Noos.Training.Model;

namespace Noos.Factory.Gates;

/// <summary>How well a model predicts text that no lesson contains: what a week must not make it forget.</summary>
/// <param name="Bytes">UTF-8 bytes that were predicted.</param>
/// <param name="Nats">[text] their negative log-likelihood.</param>
public sealed record TextFit(long Bytes, IReadOnlyList<double> Nats)
{
    /// <summary>Comparable between vocabularies; less is better.</summary>
    [JsonIgnore]
    public double BitsPerByte => Bytes == 0 ? 0 : Nats.Sum() / Math.Log(2) / Bytes;

    /// <summary>Reads the beginning of each text, one window of the model.</summary>
    /// <param name="model">The model, as a file.</param>
    /// <param name="texts">What it reads.</param>
    /// <param name="workers">Threads; the result does not depend on them.</param>
    /// <param name="progress">Told how many texts are read.</param>
    /// <param name="cancellationToken">Stops between batches of texts.</param>
    public static TextFit Measure(
        TrainableModel model, IReadOnlyList<string> texts, int workers, Action<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        using var parameters = new Parameters(model.Config);
        model.Load(parameters);
        using var scorer = new RowScorer(parameters, workers);
        var (bytes, nats) = (0L, new List<double>());
        foreach (var batch in texts.Chunk(8 * workers))
        {
            cancellationToken.ThrowIfCancellationRequested();
            TrainingRow[] rows = [.. batch.Select(text => RowOf(text, model)).OfType<TrainingRow>()];
            nats.AddRange(scorer.LogProbabilities(rows).Select(row => -row.Sum(value => (double)value)));
            bytes += rows.Sum(row => row.Tokens.Skip(1).Where((_, place) => row.Counts(place)).Sum(token => (long)BytesOf(token)));
            progress?.Invoke(nats.Count);
        }

        return new TextFit(bytes, nats);

        int BytesOf(int token) => model.Tokenizer.BytesOf(token).Length;
    }

    // As in pretraining: the mark between documents, then the text, whose reserved tokens are not predicted.
    static TrainingRow? RowOf(string text, TrainableModel model)
    {
        int[] tokens = [model.Tokenizer.EndOfText, .. model.Tokenizer.Encode(text).Take(model.Config.ContextLength)];
        return tokens.Length < 2
            ? null
            : new TrainingRow(tokens, [.. tokens.Skip(1).Select(token => !model.Tokenizer.IsSpecial(token))]);
    }
}
