using System.CommandLine;
using System.Diagnostics;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Factory.Recipes;
using Noos.Factory.Stages;
using Noos.Training.Distributed;

namespace Noos.Cli.Factory;

/// <summary><c>noos pretrain RECIPE</c></summary>
static class PretrainCommand
{
    const string KeyFile = "join.key";

    public static Command Create(NoosSettings settings)
    {
        var options = new RecipeOptions(settings);
        var minutes = TimeLimit.Option();
        var workers = new Option<int?>("--workers")
        {
            Description = "Worker processes on this machine that compute the gradients; as many as the recipe's pretrain.workers are "
                + "useful. The result is the same bits for any number.",
        }.Between(1, 4096);
        var listen = new Option<string?>("--listen")
        {
            Description = "Where workers may join, of other machines too, such as 0.0.0.0:7080 (default: a free port of this machine).",
        };
        var join = new Option<string?>("--join")
        {
            Description = "Train nothing here, but work for the training at this address; it sends all that is needed but the key. "
                + "Needs no recipe.",
        };
        var key = new Option<string?>("--key-file")
        {
            Description = "File of the secret that training and workers share (default: join.key in the folder of the run).",
        };
        var verify = new Option<int?>("--verify-every")
        {
            Description = "Two workers compute the same part every so many updates and must agree: 16 by default, 1 for all parts at all "
                + "updates, 0 only before checkpoints.",
        }.AtLeast(0);
        var hang = new Option<double?>("--hang-seconds")
        {
            Description = "A worker that was not heard of for so long is given up (default: 15).",
        }.Between(0.5, 3600);
        var command = new CommandWithExamples("pretrain", "Train the base model of a recipe, or go on where the run stopped.",
            "noos pretrain recipes/nano.toml --minutes 60",
            "noos pretrain recipes/nano.toml --workers 2",
            "noos pretrain recipes/nano.toml --listen 0.0.0.0:7080",
            "noos pretrain --join 10.0.0.5:7080 --key-file join.key");
        options.AddTo(command, data: false, trains: true);
        foreach (var option in (Option[])[minutes, workers, listen, join, key, verify, hang])
        {
            command.Options.Add(option);
        }

        // A worker on another machine shares nothing with the training: neither recipe nor folders.
        options.Recipe.Arity = ArgumentArity.ZeroOrOne;
        command.Validators.Add(result =>
        {
            if (result.GetResult(options.Recipe)?.Tokens.Count is not > 0)
            {
                if (result.GetValue(join) is null)
                {
                    result.AddError("Name the recipe to train, such as recipes/nano.toml.");
                }
                else if (result.GetValue(key) is null)
                {
                    result.AddError(
                        "A worker without a recipe needs the key of the training; copy join.key of the run's folder and name it with "
                        + "--key-file.");
                }
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = TimeLimit.After(parsed.GetValue(minutes), cancellationToken);
            if (parsed.GetValue(join) is { } address)
            {
                if (parsed.GetValue(workers) is not null || parsed.GetValue(listen) is not null)
                {
                    throw new NoosException(
                        ErrorKind.Invalid, "A worker (--join) has no workers of its own; leave --workers and --listen out.");
                }

                options.UseLibraries();
                await WorkAsync(
                    address, parsed.GetValue(key) ?? Path.Combine(options.Read(parsed).Folder.Pretraining, KeyFile), limit.Token);
                return;
            }

            var (recipe, folder) = options.Read(parsed);
            var keyFile = parsed.GetValue(key) ?? Path.Combine(folder.Pretraining, KeyFile);
            var stage = new PretrainStage(folder)
            {
                Distributed = parsed.GetValue(workers) is null && parsed.GetValue(listen) is null
                    ? null
                    : Distribute(recipe, folder, keyFile, parsed.GetValue(workers) ?? 0, parsed.GetValue(listen)) with
                    {
                        VerifyEvery = parsed.GetValue(verify) ?? 16,
                        HangTimeout = TimeSpan.FromSeconds(parsed.GetValue(hang) ?? 15),
                    },
            };
            var isComplete = await StageCommand.RunAsync(recipe, folder, stage, limit.Token);
            StageCommand.Finish(isComplete, $"The base model is trained; see {folder.Pretraining}.", cancellationToken);
        });
        return command;
    }

    static DistributedOptions Distribute(Recipe recipe, RecipeFolder folder, string keyFile, int workers, string? listen)
    {
        if (workers > recipe.Pretrain.Workers)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"The recipe divides a batch into {recipe.Pretrain.Workers} parts (pretrain.workers), which is work for as many processes, "
                + $"not for {workers}; a recipe with more parts is another run.");
        }

        return new DistributedOptions
        {
            Listen = listen ?? "127.0.0.1:0",
            Workers = workers,
            Launcher = workers > 0 ? new ProcessLauncher((address, file) => Start(recipe, folder, address, file)) : null,
            KeyFile = keyFile,
        };
    }

    static ProcessStartInfo Start(Recipe recipe, RecipeFolder folder, string address, string keyFile)
    {
        var (program, arguments) = OwnProgram.Command;
        return new ProcessStartInfo(
            program,
            [
                .. arguments, "pretrain", Path.GetFullPath(recipe.File), "--out", folder.Root, "--join", address, "--key-file",
                Path.GetFullPath(keyFile),
            ])
        {
            UseShellExecute = false,
        };
    }

    static async Task WorkAsync(string address, string keyFile, CancellationToken cancellationToken)
    {
        using (var display = StageDisplay.ForConsole())
        {
            await LibtorchSetup.EnsureAsync(
                "pretrain", display, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, cancellationToken);
        }

        var worker = new RemoteWorker(address, keyFile, TimeSpan.FromSeconds(60));
        await Task.Factory.StartNew(
            () => worker.Run(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
