using Noos.Factory.Recipes;
using Noos.Factory.Stages;

namespace Noos.Cli.Factory;

/// <summary>Runs stages for a command, with their progress on the terminal.</summary>
static class StageCommand
{
    /// <summary>One stage alone, without those before it.</summary>
    /// <returns>False when stopped on the way: by Ctrl-C or a time limit.</returns>
    public static Task<bool> RunAsync(Recipe recipe, RecipeFolder folder, IStage stage, CancellationToken cancellationToken) =>
        RunAsync(recipe, new RecipeMaker([stage], StageRecord.Open(folder)), cancellationToken);

    /// <inheritdoc cref="RunAsync(Recipe, RecipeFolder, IStage, CancellationToken)"/>
    public static async Task<bool> RunAsync(Recipe recipe, RecipeMaker maker, CancellationToken cancellationToken)
    {
        using var display = StageDisplay.ForConsole();
        try
        {
            await maker.RunAsync(new StageContext(recipe) { Progress = display }, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The one sentence at the end.</summary>
    /// <param name="isComplete">Nothing is left to do.</param>
    /// <param name="done">The sentence where it is.</param>
    /// <param name="cancellationToken">Ctrl-C, which is told by the exit code too; a time limit that was asked for is none.</param>
    /// <exception cref="OperationCanceledException">Ctrl-C stopped it.</exception>
    public static void Finish(bool isComplete, string done, CancellationToken cancellationToken)
    {
        Console.WriteLine(isComplete ? done : "Stopped and saved; the same command goes on from here.");
        if (!isComplete)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
