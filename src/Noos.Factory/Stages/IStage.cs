using Noos.Core;
using Noos.Factory.Recipes;

namespace Noos.Factory.Stages;

/// <summary>
/// One step from the sources of a recipe to its models. A stage writes its outputs whole or not at all, or, when it was stopped in the
/// middle of long work, goes on where it stopped when it is run again. Runs one at a time per recipe folder.
/// </summary>
public interface IStage
{
    /// <summary>Also the word of the command that runs it alone.</summary>
    string Name { get; }

    /// <summary>Names of the stages whose outputs it reads: when one of them makes something new, this one is stale.</summary>
    IReadOnlyList<string> Inputs { get; }

    /// <summary>Files and folders that exist once the stage is done.</summary>
    IReadOnlyList<string> Outputs { get; }

    /// <summary>Everything else that decides its outputs: its settings in the recipe and its source files.</summary>
    StageKey Key(Recipe recipe);

    /// <exception cref="NoosException">An input is missing or wrong, or an output cannot be written.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> stopped it; what can be saved is saved.
    /// </exception>
    Task RunAsync(StageContext context, CancellationToken cancellationToken);
}
