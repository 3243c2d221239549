using Noos.Training.Planning.Machines;
using Noos.Training.Planning.Models;
using Noos.Training.Planning.Simulation;

namespace Noos.Training.Planning.Published;

/// <summary>
/// Runs that were published (or rumoured), replayed by the planner. No number that is checked goes in: efficiencies of kernels and times of
/// recovery come from other runs than the one that is checked.
/// </summary>
public static class PublishedRuns
{
    const double Day = 86_400;
    const int Trials = 8;
    const string FusedAttention = "attention that writes no scores, at 33% of peak";
    const string FusedSource = "FlashAttention on A100, 25% to 40%: arXiv 2307.08691, abstract; that it was used is assumed";

    /// <summary>Computes all of them; takes some seconds of one core at most.</summary>
    public static IReadOnlyList<PublishedRun> Create(ulong seed = 1) =>
        [Llama3(seed), Opt(seed), Gpt4(seed), Mission(seed), Bloom(), MtNlg()];

    /// <summary>
    /// FLOPs of a step as Megatron-LM counts them for its TFLOP/s per GPU, recomputation and both halves of attention included (equation 3
    /// of arXiv 2104.04473): 96·B·s·L·h²·(1 + s/6h + V/16Lh).
    /// </summary>
    public static double MegatronFlops(ModelShape model, int batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        double hidden = model.Hidden;
        return 96.0 * batch * model.Sequence * model.Layers * hidden * hidden
            * (1 + (model.Sequence / (6 * hidden)) + (model.Vocabulary / (16.0 * model.Layers * hidden)));
    }

    static PublishedRun Llama3(ulong seed)
    {
        const string Paper = "arXiv 2407.21783";
        const double Batch = 1 << 24;
        var model = ModelShapes.Get("llama-3-405b");
        var gpu = Accelerators.Get("h100");
        var layout = new ParallelLayout { Tensor = 8, Pipeline = 16, Interleave = 8, Data = 128, Zero = 2 };
        var sequences = (int)(Batch / model.Sequence);
        var large = StepTime.Of(model, gpu, layout, sequences).Total;
        var small = StepTime.Of(model, gpu, layout with { Data = 64 }, sequences).Total;
        const int Nodes = 2048;
        var rates = new FailureRates { Stragglers = 0, Corruptions = 0, PlannedPerDay = 47 / 54.0 };
        var runs = Replay(new SimulationOptions
        {
            Nodes = Nodes,
            StepSeconds = large,
            Steps = 1e9,
            MaxSeconds = 54 * Day,
            Rates = rates,
            Design = RecoveryDesigns.Automatic,
            Seed = seed,
        });
        var effective = runs.Average(run => run.EffectiveTime);
        var hours = 15.6e12 / Batch * large / effective / 3600 * 16_384;
        return new PublishedRun(
            "Llama 3 405B",
            "16,384 H100 for 54 days, 419 unexpected and 47 planned interruptions.",
            [
                ("shape of the model", Paper + ", table 3"),
                ("TP 8, PP 16, DP 128 or 64, 16 million tokens of 8,192 an update", Paper + ", table 4"),
                ("8 pieces of layers a stage, as many as its layers", "assumed: the paper names the schedule, not the number"),
                ("GPU, NVLink, 400 Gbit/s network", "data sheet; " + Paper + ", section 3.3.1"),
                ("efficiency of kernels", gpu.EfficiencySource),
                ("419 unexpected interruptions in 54 days, as a rate; 47 planned ones", Paper + ", section 3.3.4"),
                ("noticing, diagnosis, restart, checkpoints", RecoveryDesigns.Automatic.Source),
                ("planned stops of 30 minutes", "assumed: not published"),
            ],
            [
                new RunCheck(
                    "step time on 16,384 GPUs, s", model.FlopsPerToken * Batch / (16_384 * 400e12), large, PublishedKind.About,
                    "400 TFLOP/s a GPU (table 4), FLOPs as in ModelShape.FlopsPerToken"),
                new RunCheck(
                    "step time on 8,192 GPUs, s", model.FlopsPerToken * Batch / (8192 * 430e12), small, PublishedKind.About,
                    "430 TFLOP/s a GPU (table 4)"),
                new RunCheck(
                    "effective training time, %", 90, 100 * effective, PublishedKind.AtLeast, "“higher than 90%” (section 3.3.4)", "0.0"),
                new RunCheck(
                    "GPU-hours for 15.6 trillion tokens, millions", 30.84, hours / 1e6, PublishedKind.About,
                    "model card of Llama 3.1 405B; all of pretraining, long contexts included", "0.0"),
            ],
            "The row of 131,072 tokens is not checked: the paper does not say which half of attention its FLOPs count. By rates of two "
            + "other clusters of Meta (6.50 and 2.34 failures per thousand server-days, arXiv 2410.21680) 259 to 719 interruptions would "
            + "be expected where 419 were.");
    }

    static PublishedRun Opt(ulong seed)
    {
        const string Paper = "arXiv 2205.01068";
        const string Chronicle = "metaseq, projects/OPT/chronicles/final_update.md";
        var model = ModelShapes.Get("opt-175b");
        var gpu = Accelerators.Get("a100");
        const int Gpus = 992;
        const int Batch = 992;
        var layout = new ParallelLayout
        {
            Tensor = 8,
            Data = 124,
            MicroBatch = 8,
            Zero = 3,
            SequenceParallel = false,
            Recomputation = Recomputation.Full,
        };
        var step = StepTime.Of(model, gpu, layout, Batch).Total;
        var rates = new FailureRates { Crashes = 2 / (Gpus / 8.0) * 1000, Stragglers = 0, Corruptions = 0 };
        var runs = Replay(new SimulationOptions
        {
            Nodes = Gpus / 8,
            StepSeconds = step,
            Steps = 300e9 / (Batch * (double)model.Sequence),
            Rates = rates,
            Design = RecoveryDesigns.ByHand with { SpareShare = 12 / 124.0 },
            Seed = seed,
        });
        return new PublishedRun(
            "OPT-175B",
            "992 A100 from 11 November 2021 to 6 January 2022, about 90 restarts, most of them by people.",
            [
                ("shape of the model", Paper + ", table 1"),
                ("992 GPUs, TP 8 with FSDP, 2 million tokens an update, 300 billion in all", Paper + ", section 2.2; " + Chronicle),
                ("efficiency of kernels", gpu.EfficiencySource),
                ("about two servers go down every day; 12 spare ones", Chronicle),
                ("noticing, diagnosis, restart, work lost", RecoveryDesigns.ByHand.Source),
            ],
            [
                new RunCheck(
                    "step time, s", MegatronFlops(model, Batch) / (Gpus * 147e12), step, PublishedKind.About,
                    "147 TFLOP/s a GPU, counted as Megatron-LM does: 300 billion tokens are then 4.30e23 FLOPs, as in the chronicle"),
                new RunCheck(
                    "effective training time, %", 100 * 33 * 1024 / 992.0 / 56.0, 100 * runs.Average(run => run.EffectiveTime),
                    PublishedKind.About, "“33 days of continuous training on 1024” GPUs, in 56 days on 992", "0.0"),
                new RunCheck("restarts", 90, runs.Average(run => run.Restarts), PublishedKind.About, "“~90 restarts”", "0"),
                new RunCheck(
                    "days of the whole run", 56, runs.Average(run => run.Elapsed) / Day, PublishedKind.About, "11 November to 6 January",
                    "0.0"),
            ],
            "The run also lost a day and more when its cluster was deleted on 21 December, and stood over Thanksgiving; neither is in the "
            + "simulation. Times of recovery are another company's, of a run of the same size.");
    }

    static PublishedRun Gpt4(ulong seed)
    {
        const string Rumour = "rumour: SemiAnalysis, July 2023";
        const int Gpus = 25_000;
        var request = Gpt4Request(Gpus, 13e12, seed) with
        {
            Layout = new ParallelLayout
            {
                Tensor = 8,
                Pipeline = 15,
                Interleave = 8,
                Data = Gpus / 120,
                Recomputation = Recomputation.Full,
            },
        };
        var forecast = PlanForecast.Create(request);
        return new PublishedRun(
            "GPT-4, by rumour",
            "25,000 A100, 13 trillion tokens, 1.8 trillion weights of which 280 billion are active.",
            [
                ("shape, GPUs, tokens, 60 million tokens an update, TP 8, PP 15", Rumour),
                ("8 pieces of layers a stage, as many as its layers; everything recomputed", "assumed"),
                ("efficiency of kernels", request.Gpu.EfficiencySource),
                (FusedAttention, FusedSource),
                ("failures per server", request.Rates.Source),
                ("recovery", request.Design.Source),
                ("1 dollar a GPU-hour", Rumour),
            ],
            [
                new RunCheck("days", 90, forecast.Elapsed.Mean / Day, PublishedKind.Range, "", "0") { PublishedHigh = 100 },
                new RunCheck(
                    "model FLOPs utilisation over the whole time, %", 32, 100 * forecast.Mfu * forecast.Effective.Mean, PublishedKind.Range,
                    "which days, GPUs and tokens give again", "0.0") { PublishedHigh = 36 },
                new RunCheck("cost, millions of dollars", 63, forecast.Cost / 1e6, PublishedKind.About, "", "0"),
            ],
            "Nothing of it was ever confirmed: the planner shows only that the numbers agree with one another.");
    }

    static PublishedRun Mission(ulong seed)
    {
        const double Text = 100e12;
        const double BytesPerToken = 4.4;
        var request = Gpt4Request(60_000, Text / BytesPerToken, seed);
        var forecast = PlanForecast.Create(request);
        return new PublishedRun(
            "100 TB of text on 60,000 GPUs",
            "The scale that is told of large runs: 100 TB of text, 60,000 GPUs, months, over 100 million dollars.",
            [
                ("100 TB of text at 4.4 bytes a token: 22.7 trillion tokens; 60,000 A100", "the story; bytes a token of English text"),
                ("the model of the rumour above, laid out by the planner", "rumour: SemiAnalysis, July 2023"),
                (FusedAttention, FusedSource),
                ("1 dollar a GPU-hour; failures and recovery as above", "as above"),
            ],
            [
                new RunCheck("months", 2, forecast.Elapsed.Mean / (30.4 * Day), PublishedKind.AtLeast, "“months”: at least two", "0.0"),
                new RunCheck(
                    "cost, millions of dollars", 100, forecast.Cost / 1e6, PublishedKind.AtLeast, "“over 100 million dollars”", "0"),
            ],
            $"Laid out as {forecast.Choice.Layout}.");
    }

    static PublishedRun Bloom()
    {
        var model = ModelShapes.Get("bloom-176b");
        var gpu = Accelerators.Get("a100") with { NetworkBandwidth = 6.25e9 };
        const int Batch = 2048;
        var layout = new ParallelLayout
        {
            Tensor = 4,
            Pipeline = 12,
            Data = 8,
            MicroBatch = 2,
            SequenceParallel = false,
            Recomputation = Recomputation.Full,
        };
        return new PublishedRun(
            "BLOOM-176B",
            "384 A100, step time only.",
            [
                ("shape, 384 GPUs, TP 4, PP 12, DP 8, micro-batches of 2, 2,048 sequences of 2,048", "arXiv 2211.05100, section 3"),
                ("four Omni-Path links of 100 Gbit/s a server", "arXiv 2211.05100, section 3.4"),
                ("efficiency of kernels", gpu.EfficiencySource),
            ],
            [
                new RunCheck(
                    "step time, s", MegatronFlops(model, Batch) / (384 * 150e12), StepTime.Of(model, gpu, layout, Batch).Total,
                    PublishedKind.About, "about 150 TFLOP/s a GPU as Megatron-LM counts them (BigScience's page of the run)", "0.0"),
            ],
            "");
    }

    static PublishedRun MtNlg()
    {
        var model = ModelShapes.Get("mt-nlg-530b");
        var gpu = Accelerators.Get("a100");
        const int Batch = 1920;
        var checks = new[] { (280, 60.1), (350, 50.2), (420, 44.4) }.Select(row =>
        {
            var layout = new ParallelLayout
            {
                Tensor = 8,
                Pipeline = 35,
                Data = row.Item1 / 35,
                SequenceParallel = false,
                Recomputation = Recomputation.Full,
            };
            return new RunCheck(
                $"step time on {row.Item1 * 8:N0} GPUs, s", row.Item2, StepTime.Of(model, gpu, layout, Batch).Total, PublishedKind.About,
                "", "0.0");
        });
        return new PublishedRun(
            "MT-NLG 530B",
            "2,240 to 3,360 A100, step times only.",
            [
                ("shape, TP 8, PP 35, 1,920 sequences of 2,048", "arXiv 2201.11990, sections 2.3 and 3.2"),
                ("efficiency of kernels", gpu.EfficiencySource),
            ],
            [.. checks],
            "Steps of the run were slower than those that the same company had published for a model of the same size (163 TFLOP/s a GPU "
            + "in arXiv 2104.04473, 113 to 126 here); the model of the planner was fitted on the former.");
    }

    static PlanRequest Gpt4Request(int gpus, double tokens, ulong seed) => new()
    {
        Model = ModelShapes.Get("gpt-4-rumoured"),
        Tokens = tokens,
        Gpu = Accelerators.Get("a100") with { WritesScores = false, AttentionEfficiency = 0.33 },
        Gpus = gpus,
        BatchTokens = 60e6,
        Price = 1,
        Rates = new FailureRates { Stragglers = 0, Corruptions = 0 },
        Seed = seed,
        Trials = Trials,
    };

    static SimulatedRun[] Replay(SimulationOptions options) =>
        [.. Enumerable.Range(0, Trials).Select(trial => new RunSimulator(options with { Seed = options.Seed + (ulong)trial }).Run())];
}
