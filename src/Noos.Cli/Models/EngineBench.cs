using System.Diagnostics;
using Noos.Core;
using Noos.Inference;
using Noos.Inference.Estimates;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary>
/// Measures the engine in rounds, another one and the limits of the machine in turn with it: neighbours on the same hardware take from all
/// of them. Which tokens they are makes no difference to the time.
/// </summary>
/// <param name="plan">What to measure.</param>
/// <param name="rival">The measuring programs of llama.cpp; null for none.</param>
/// <param name="rivalServer">The program of its server; null for none.</param>
sealed class EngineBench(
    BenchPlan plan, LlamaBench? rival, string? rivalServer, TextWriter progress, CancellationToken cancellationToken)
{
    BenchPlan _plan = plan;

    public BenchReport Run()
    {
        BenchReport report;
        using (var file = GgufFile.Open(_plan.Model))
        {
            report = BenchReport.Begin(_plan, ModelInspection.Read(file), LanguageModel.ReadConfig(file));
        }

        foreach (var threads in _plan.Threads)
        {
            report = Measure(report, threads);
        }

        return report;
    }

    BenchReport Measure(BenchReport report, int threads)
    {
        // Nothing may be remembered from one round to the next.
        using var model = LanguageModel.Load(
            _plan.Model,
            new InferenceOptions
            {
                Threads = threads,
                PrefixMemory = 0,
                KeyValueType = _plan.KeyValues,
                MaxKernelTier = _plan.MaxKernelTier,
            });
        var longest = model.Config.ContextLength;
        var needed = Math.Max(_plan.MeasuresEngine ? _plan.Prompt : 0, _plan.MeasuresUse ? UseBench.PromptTokens : 0) + _plan.Generate;
        if (needed > longest && !_plan.HasPrompt && _plan.Generate < longest / 2)
        {
            // Nobody asked for so many: a model with a small window is measured with what it holds.
            _plan = _plan with { Prompt = longest - _plan.Generate };
            needed = Math.Max(_plan.Prompt, _plan.MeasuresUse ? UseBench.PromptTokens : 0) + _plan.Generate;
        }

        if (needed > longest)
        {
            throw new NoosException(
                $"The model holds {longest:N0} tokens, fewer than the {needed:N0} to measure; ask for fewer with --prompt and --generate.");
        }

        if (_plan.MeasuresEngine)
        {
            report = MeasureEngine(report, model, threads);
        }

        return _plan.MeasuresUse ? MeasureUse(report, model, threads) : report;
    }

    BenchReport MeasureEngine(BenchReport report, LanguageModel model, int threads)
    {
        var ours = new List<(double Prompt, double Generate, double Together)>();
        var theirs = new List<(double Prompt, double Generate, double? Together)>();
        var limits = new List<MachineSpeed>();
        for (var round = 0; round <= _plan.Rounds; round++)
        {
            BeginRound(round, threads, "the engine");
            var (prompt, generate) = Alone(model);
            var together = _plan.Together == 0 ? 0 : Together(model);
            if (round == 0)
            {
                continue;
            }

            ours.Add((prompt, generate, together));
            limits.Add(MachineSpeed.Measure(threads));
            if (rival is not null)
            {
                theirs.Add((
                    rival.Prompt(_plan.Model, threads, _plan.Prompt),
                    rival.Generate(_plan.Model, threads, _plan.Generate),
                    _plan.Together == 0 ? null : rival.Together(_plan.Model, threads, _plan.Prompt, _plan.Generate, _plan.Together)));
            }
        }

        var ourPrompt = Median(ours.Select(one => one.Prompt));
        var ourGenerate = Median(ours.Select(one => one.Generate));
        double? theirPrompt = rival is null ? null : Median(theirs.Select(one => one.Prompt));
        double? theirGenerate = rival is null ? null : Median(theirs.Select(one => one.Generate));
        double? theirTogether = theirs.Exists(one => one.Together is not null) ? Median(theirs.Select(one => one.Together!.Value)) : null;
        var limit = Median(limits);
        var ofMemory = ourGenerate * report.WeightBytes / limit.BytesPerSecond;
        List<BenchRow> rows =
        [
            new($"prompt of {_plan.Prompt}", threads, ourPrompt, ourPrompt / report.PromptLimit(limit), theirPrompt),
            new($"generate {_plan.Generate}", threads, ourGenerate, ofMemory, theirGenerate),
            new($"first token after {_plan.Prompt}, ms", threads, 1000 * _plan.Prompt / ourPrompt, null, 1000 * _plan.Prompt / theirPrompt,
                IsTime: true),
        ];
        if (_plan.Together > 0)
        {
            rows.Add(new($"{_plan.Together} together, each {_plan.Generate} after a common {_plan.Prompt}", threads,
                Median(ours.Select(one => one.Together)), null, theirTogether));
        }

        return report with { Limits = [.. report.Limits, new BenchLimits(threads, limit)], Rows = [.. report.Rows, .. rows] };
    }

    BenchReport MeasureUse(BenchReport report, LanguageModel model, int threads)
    {
        var (sampled, phrase) = UseBench.Choose(_plan.Sampling, model.AdvisedSampling);
        var greedy = new SamplingOptions();
        var ours = new UseBench(model, _plan.Generate, cancellationToken);
        int[] streams = _plan.Together > 1 ? [1, _plan.Together] : [1];
        using var server = rivalServer is null ? null
            : LlamaServer.Start(
                rivalServer, _plan.Model, threads, streams[^1], UseBench.PromptTokens + _plan.Generate, _plan.KeyValues, cancellationToken);
        var limits = new List<MachineSpeed>();
        var uses = streams.Select(_ => new List<BenchUse>()).ToArray();
        for (var round = 0; round <= _plan.Rounds; round++)
        {
            BeginRound(round, threads, "as used");
            for (var i = 0; i < streams.Length; i++)
            {
                var count = streams[i];
                int[][] questions = [.. Enumerable.Range(0, count).Select(ours.Question)];
                var use = new BenchUse(threads, count, _plan.Generate, 0, 0);
                // What comes first changes from round to round: a neighbour that begins or ends its work takes from both alike.
                foreach (var isGreedy in (bool[])[round % 2 == 0, round % 2 != 0])
                {
                    var options = isGreedy ? greedy : sampled;
                    var rate = ours.Measure(count, options);
                    var rivalRate = server?.Client.Measure(questions, _plan.Generate, options, cancellationToken);
                    use = isGreedy
                        ? use with { Greedy = rate, RivalGreedy = rivalRate }
                        : use with { Sampled = rate, RivalSampled = rivalRate };
                }

                if (round > 0)
                {
                    uses[i].Add(use);
                }
            }

            if (round > 0 && !_plan.MeasuresEngine)
            {
                limits.Add(MachineSpeed.Measure(threads));
            }
        }

        return report with
        {
            Sampling = phrase,
            Limits = limits.Count == 0 ? report.Limits : [.. report.Limits, new BenchLimits(threads, Median(limits))],
            Uses = [.. report.Uses, .. uses.Select(Median)],
        };
    }

    void BeginRound(int round, int threads, string what)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress.WriteLine(
            round == 0 ? $"{threads} threads, {what}: warming up" : $"{threads} threads, {what}: round {round} of {_plan.Rounds}");
    }

    (double Prompt, double Generate) Alone(LanguageModel model)
    {
        using var context = model.CreateContext(_plan.Prompt + _plan.Generate);
        var watch = Stopwatch.StartNew();
        context.Append(Tokens(_plan.Prompt, model));
        var first = watch.Elapsed.TotalSeconds;
        // As llama-bench does: from an empty context.
        context.Truncate(0);
        watch.Restart();
        GenerateAsync(model, context, [0]).Wait(cancellationToken);
        return (_plan.Prompt / first, _plan.Generate / watch.Elapsed.TotalSeconds);
    }

    /// <summary>Generated tokens a second of all conversations, the time to read the common beginning included.</summary>
    double Together(LanguageModel model)
    {
        var beginning = Tokens(_plan.Prompt, model);
        var watch = Stopwatch.StartNew();
        using var common = model.CreateContext(_plan.Prompt);
        common.Append(beginning);
        Task.WaitAll([.. Enumerable.Range(0, _plan.Together).Select(_ => RunAsync())], cancellationToken);
        return _plan.Together * _plan.Generate / watch.Elapsed.TotalSeconds;

        async Task RunAsync()
        {
            using var context = model.CreateContext(_plan.Prompt + _plan.Generate);
            await GenerateAsync(model, context, beginning);
        }
    }

    /// <summary>Greedy, and none ends early.</summary>
    Task GenerateAsync(LanguageModel model, InferenceContext context, int[] prompt)
    {
        var options = new SamplingOptions { MaxTokens = _plan.Generate, LogitBias = UseBench.WithoutEnd(model) };
        return new Generator().RunAsync(context, prompt, options, static _ => true, cancellationToken: cancellationToken);
    }

    static int[] Tokens(int count, LanguageModel model) =>
        [.. Enumerable.Range(0, count).Select(i => i * 97 % model.Config.VocabularySize)];

    static MachineSpeed Median(List<MachineSpeed> limits) => new(
        Median(limits.Select(one => one.BytesPerSecond)),
        Median(limits.Select(one => one.OperationsPerSecond)),
        Median(limits.Select(one => one.ProductsPerSecond)));

    static BenchUse Median(List<BenchUse> uses) => uses[0] with
    {
        Greedy = Median(uses.Select(one => one.Greedy)),
        Sampled = Median(uses.Select(one => one.Sampled)),
        RivalGreedy = uses[0].RivalGreedy is null ? null : Median(uses.Select(one => one.RivalGreedy!.Value)),
        RivalSampled = uses[0].RivalSampled is null ? null : Median(uses.Select(one => one.RivalSampled!.Value)),
    };

    static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
