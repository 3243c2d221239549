using System.CommandLine;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Training.Planning;
using Noos.Training.Planning.Machines;
using Noos.Training.Planning.Models;
using Noos.Training.Planning.Published;
using Noos.Training.Planning.Reports;
using Noos.Training.Planning.Simulation;

namespace Noos.Cli.Factory;

/// <summary><c>noos plan</c></summary>
static class PlanCommand
{
    // English text in the vocabularies of large models.
    const double DefaultBytesPerToken = 4.4;

    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "A model that the planner knows (" + string.Join(", ", ModelShapes.All.Select(shape => shape.Name))
                + ") or a number of weights such as 70B.",
            DefaultValueFactory = _ => "llama-3-405b",
        };
        var tokens = Number("--tokens", "Tokens to train on, such as 15.6T.");
        var text = Number("--text-bytes", "Bytes of text to train on instead, such as 100T.");
        var bytesPerToken = Number("--bytes-per-token", $"Bytes of text in a token (default: {DefaultBytesPerToken}).");
        var gpus = Number("--gpus", "GPUs that compute (default: 16384); spares come on top.");
        var gpu = new Option<string>("--gpu")
        {
            Description = "Their kind: " + string.Join(", ", Accelerators.All.Select(kind => kind.Name)) + ".",
            DefaultValueFactory = _ => "h100",
        };
        var batch = Number("--batch", "Tokens of one update (default: by the size of the model).");
        var sequence = new Option<int?>("--sequence") { Description = "Tokens of one sequence (default: the model's)." }
            .Between(128, 10_000_000);
        var price = new Option<double?>("--price") { Description = "Dollars for a GPU and hour (default: by its kind)." }.Between(0, 1e6);
        var crashes = new Option<double?>("--crashes")
        {
            Description = $"Crashes per thousand days of a server (default: {FailureRates.Llama3:0.00}, of Llama 3).",
        }.Between(0, 1e5);
        var stragglers = new Option<double?>("--stragglers")
        {
            Description = "Servers that become slow, per thousand days of a server (default: 1).",
        }.Between(0, 1e5);
        var corruptions = new Option<double?>("--corruptions")
        {
            Description = "Servers that compute something wrong, per thousand days of a server (default: 0.054, of Llama 3).",
        }.Between(0, 1e5);
        var repair = new Option<double?>("--repair-hours") { Description = "Hours until a failed server is back (default: 24)." }
            .Between(0.01, 1e5);
        var design = new Option<string>("--design")
        {
            Description = "What is done about failures: " + string.Join(", ", RecoveryDesigns.All.Select(item => item.Name)) + ".",
            DefaultValueFactory = _ => RecoveryDesigns.Automatic.Name,
        };
        var interval = new Option<double?>("--checkpoint-minutes")
        {
            Description = "Minutes between checkpoints (default: of the design, or the best by Daly).",
        }.Between(0.1, 1e5);
        var spares = new Option<double?>("--spares") { Description = "Spare servers, as a share of those that compute (default: 0.02)." }
            .Between(0, 1);
        var trials = new Option<int?>("--trials") { Description = "Simulated runs, for the spread (default: 16)." }.Between(1, 1000);
        var seed = new Option<ulong>("--seed") { Description = "Seed of the simulation.", DefaultValueFactory = _ => 1 };
        var report = new Option<string?>("--report") { Description = "Draw everything in this HTML file." };
        var check = new Option<bool>("--check") { Description = "Replay published runs instead, and say what goes in and what comes out." };
        var command = new CommandWithExamples(
            "plan",
            "Plan a training run: time, cost, layout, memory, checkpoints and expected loss on up to 60,000 GPUs that fail.",
            "noos plan --model llama-3-405b --tokens 15.6T --gpus 16384 --report plan.html",
            "noos plan --model 70B --tokens 2T --gpus 1024 --gpu h200 --design elastic",
            "noos plan --model gpt-4-rumoured --text-bytes 100T --gpus 60000 --gpu a100 --batch 60M",
            "noos plan --check");
        foreach (var option in (Option[])
        [
            model, tokens, text, bytesPerToken, gpus, gpu, batch, sequence, price, crashes, stragglers, corruptions, repair, design,
            interval, spares, trials, seed, report, check,
        ])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(check))
            {
                Console.Write(PlanText.Checks(PublishedRuns.Create(parsed.GetValue(seed))));
                return Task.FromResult(0);
            }

            var shape = Shape(parsed.GetRequiredValue(model));
            if (parsed.GetValue(sequence) is { } length)
            {
                shape = shape with { Sequence = length };
            }

            if (parsed.GetValue(tokens) is not null && parsed.GetValue(text) is not null)
            {
                throw new NoosException(ErrorKind.Invalid, "Give --tokens or --text-bytes, not both.");
            }

            var rates = new FailureRates();
            var recovery = RecoveryDesigns.Get(parsed.GetRequiredValue(design));
            var request = new PlanRequest
            {
                Model = shape,
                Tokens = Parse(parsed, tokens)
                    ?? Parse(parsed, text) / (Parse(parsed, bytesPerToken) ?? DefaultBytesPerToken)
                    // Twenty tokens a weight: what the scaling law calls optimal.
                    ?? 20 * shape.ActiveParameterCount,
                Gpu = Accelerators.Get(parsed.GetRequiredValue(gpu)),
                Gpus = (int)Math.Min(int.MaxValue, Parse(parsed, gpus) ?? 16_384),
                BatchTokens = Parse(parsed, batch) ?? 0,
                Price = parsed.GetValue(price),
                Rates = rates with
                {
                    Crashes = parsed.GetValue(crashes) ?? rates.Crashes,
                    Stragglers = parsed.GetValue(stragglers) ?? rates.Stragglers,
                    Corruptions = parsed.GetValue(corruptions) ?? rates.Corruptions,
                    RepairHours = parsed.GetValue(repair) ?? rates.RepairHours,
                },
                Design = recovery with
                {
                    IntervalSeconds = parsed.GetValue(interval) * 60 ?? recovery.IntervalSeconds,
                    SpareShare = parsed.GetValue(spares) ?? recovery.SpareShare,
                },
                Seed = parsed.GetValue(seed),
                Trials = parsed.GetValue(trials) ?? 16,
            };
            var plan = PlanForecast.Create(request);
            Console.Write(PlanText.Summarise(plan));
            var replica = plan.Choice.Layout with { Data = 1 };
            var designs = DesignComparison.Run(
                request.Rates, plan.Choice.Step.Total, replica.Gpus, request.Gpu.PerNode, request.Seed);
            Console.WriteLine();
            Console.Write(PlanText.Designs(designs));
            if (parsed.GetValue(report) is { } path)
            {
                PlanReport.Write(path, plan, designs, PublishedRuns.Create(request.Seed));
                Console.WriteLine($"The report is {Path.GetFullPath(path)}.");
            }

            return Task.FromResult(0);
        });
        return command;
    }

    static ModelShape Shape(string model) => SuffixedNumber.TryParse(model, out var parameters)
        ? ModelShape.FromParameterCount(parameters)
        : ModelShapes.Get(model);

    static Option<string?> Number(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } value && !(SuffixedNumber.TryParse(value, out var number) && number > 0))
            {
                result.AddError($"The value of {name} must be a positive number such as 15.6T, 405B, 16M or 16384, not '{value}'.");
            }
        });
        return option;
    }

    static double? Parse(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } value && SuffixedNumber.TryParse(value, out var number) ? number : null;
}
