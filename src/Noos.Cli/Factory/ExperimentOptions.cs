using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core.Settings;
using Noos.Courses.Experts;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Stages;

namespace Noos.Cli.Factory;

/// <summary>What the experiments with many trainings of policies have in common: their options, and how they are run.</summary>
sealed class ExperimentOptions
{
    readonly TrainedModelOption _model;
    readonly Option<string> _to;
    readonly Option<string[]> _questions = new("--questions")
    {
        Description = $"Who asks: {string.Join(", ", ExpertPrompts.Generators)}; all unless told otherwise.",
    };

    readonly Option<int> _iterations;
    readonly Option<int> _perIteration;
    readonly Option<int> _maxTokens;
    readonly Option<int> _workers;
    readonly Option<double?> _minutes = TimeLimit.Option();

    /// <param name="settings">Where models are.</param>
    /// <param name="usual">The numbers unless told otherwise.</param>
    /// <param name="folder">What is written into the folder.</param>
    public ExperimentOptions(NoosSettings settings, PolicyOptions usual, string folder)
    {
        _model = new TrainedModelOption(settings);
        _to = new("--to") { Description = folder, Required = true };
        _iterations = CountOption.Create(
            "--iterations", "How often answers are drawn and learned from", usual.Reinforcement.Iterations);
        _perIteration = CountOption.Create(
            "--prompts-per-iteration", "Questions of an iteration", usual.Reinforcement.PromptsPerIteration);
        _maxTokens = CountOption.Create("--max-tokens", "Longest answer in tokens", usual.Sampler.MaxTokens);
        _workers = CountOption.Create("--workers", "Threads that train", usual.Workers);
    }

    /// <summary>Adds them around those of the command alone.</summary>
    public void AddTo(Command command, params ReadOnlySpan<Option> own)
    {
        _model.AddTo(command);
        foreach (var option in (ReadOnlySpan<Option>)[_to, .. own, _questions, _iterations, _perIteration, _maxTokens, _workers, _minutes])
        {
            command.Options.Add(option);
        }
    }

    public string Folder(ParseResult parsed) => parsed.GetRequiredValue(_to);

    public int Iterations(ParseResult parsed) => parsed.GetValue(_iterations);

    public int Workers(ParseResult parsed) => parsed.GetValue(_workers);

    /// <summary>The options of a policy with what was said of them.</summary>
    public PolicyOptions Apply(ParseResult parsed, PolicyOptions policy) => policy with
    {
        Reinforcement = policy.Reinforcement with
        {
            Iterations = parsed.GetValue(_iterations),
            PromptsPerIteration = parsed.GetValue(_perIteration),
        },
        Sampler = policy.Sampler with { MaxTokens = parsed.GetValue(_maxTokens) },
        Generators = parsed.GetValue(_questions) is { Length: > 0 } named ? named : null,
        Workers = parsed.GetValue(_workers),
    };

    /// <summary>Runs an experiment on a thread of its own until it is done, stopped, or out of time, and prints what came of it.</summary>
    /// <param name="parsed">The command.</param>
    /// <param name="stage">What progress calls the work.</param>
    /// <param name="run">The experiment; null when it was stopped.</param>
    /// <param name="print">Told what came of it, after the progress has left the screen.</param>
    /// <param name="cancellationToken">Stops; the same command goes on.</param>
    public async Task<int> RunAsync<T>(
        ParseResult parsed, string stage, Func<TrainableModel, StageDisplay, CancellationToken, T?> run, Action<T> print,
        CancellationToken cancellationToken)
        where T : class
    {
        using var limit = TimeLimit.After(parsed.GetValue(_minutes), cancellationToken);
        using var beginning = _model.Open(parsed);
        using var display = StageDisplay.ForConsole();
        await LibtorchSetup.EnsureAsync(stage, display, TimeProvider.System, NullLogger.Instance, limit.Token);
        var result = await Task.Factory.StartNew(
            () => run(beginning, display, limit.Token), limit.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        display.Dispose();
        if (result is null)
        {
            StageCommand.Finish(isComplete: false, "", cancellationToken);
            return 0;
        }

        print(result);
        return 0;
    }
}
