using System.Diagnostics;
using System.Globalization;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Kernel.Cpu;

namespace Noos.Cli.Models;

/// <summary>Generation as people use it: questions of their own, tokens drawn one by one, several streams at once.</summary>
/// <param name="model">The model.</param>
/// <param name="tokens">Tokens of each answer, whatever they are: none ends an answer early.</param>
sealed class UseBench(LanguageModel model, int tokens, CancellationToken cancellationToken)
{
    /// <summary>Tokens of each question.</summary>
    public const int PromptTokens = 32;

    // No other token is so unlikely; negative infinity is no bias.
    const float Never = -1e9f;

    /// <summary>How tokens are drawn, and a phrase that says so and where it comes from.</summary>
    /// <param name="given">What the command line says.</param>
    /// <param name="advised">What the model's file says.</param>
    public static (SamplingOptions Sampling, string Phrase) Choose(GenerationOptions given, SamplingOptions advised)
    {
        var usual = advised.Temperature > 0 ? advised : new SamplingOptions { Temperature = 0.7f, TopP = 0.9f };
        var sampling = given.ApplyTo(usual);
        var source = sampling with { GreedySpans = usual.GreedySpans } != usual ? "as asked for"
            : ReferenceEquals(usual, advised) ? "as the model's file advises"
            : "as usual, since the model's file advises nothing";
        return (sampling, $"{Describe(sampling)}, {source}");
    }

    /// <summary>A bias with which no answer ends before its length.</summary>
    public static Dictionary<int, float> WithoutEnd(LanguageModel model) =>
        model.Tokenizer.EndTokens.ToDictionary(token => token, _ => Never);

    /// <summary>Generated tokens a second of all streams, the time to read their questions included.</summary>
    public double Measure(int streams, SamplingOptions sampling)
    {
        var ends = WithoutEnd(model);
        var watch = Stopwatch.StartNew();
        Task.WaitAll([.. Enumerable.Range(0, streams).Select(RunAsync)], cancellationToken);
        return streams * tokens / watch.Elapsed.TotalSeconds;

        async Task RunAsync(int stream)
        {
            using var context = model.CreateContext(PromptTokens + tokens);
            var options = sampling with { Seed = (ulong)stream, MaxTokens = tokens, LogitBias = ends };
            await new Generator().RunAsync(context, Question(stream), options, static _ => true, cancellationToken: cancellationToken);
        }
    }

    /// <summary>The tokens of a stream's question; those of any two streams differ from the first one on.</summary>
    public int[] Question(int stream)
    {
        var size = model.Config.VocabularySize;
        return [.. Enumerable.Range(0, PromptTokens).Select(i => (int)(((long)(stream + 1) * 7919 + (i * 97L)) % size))];
    }

    static string Describe(SamplingOptions sampling)
    {
        var usual = new SamplingOptions();
        (string Name, float Value, float Usual)[] numbers =
        [
            ("temperature", sampling.Temperature, -1),
            ("top-k", sampling.TopK, usual.TopK),
            ("top-p", sampling.TopP, usual.TopP),
            ("min-p", sampling.MinP, usual.MinP),
            ("typical-p", sampling.TypicalP, usual.TypicalP),
            ("top-n-sigma", sampling.TopNSigma, usual.TopNSigma),
            ("repetition penalty", sampling.RepetitionPenalty, usual.RepetitionPenalty),
            ("XTC", sampling.XtcProbability, usual.XtcProbability),
        ];
        return string.Join(", ", numbers.Where(number => number.Value != number.Usual)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{number.Name} {number.Value}")));
    }
}
