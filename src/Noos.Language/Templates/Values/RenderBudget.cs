using System.Runtime.CompilerServices;
using Noos.Core;

namespace Noos.Language.Templates.Values;

/// <summary>
/// The work that one rendering may still do, in steps: a step is about one node of the tree that is evaluated. Templates come with models
/// from anywhere: whatever they ask for, they get a bounded time and, since all that is made is paid for, a bounded memory. A timeout would
/// do neither: it depends on the machine, and a gigabyte is allocated in a fraction of it. For one rendering, on one thread.
/// </summary>
sealed class RenderBudget(long steps)
{
    // Copying characters is cheap beside evaluating a node, but not free.
    const int CharactersPerStep = 8;

    long _left = steps;

    /// <summary>Pays before the work is done, so that what cannot be paid for is never begun.</summary>
    public void Spend(long amount = 1)
    {
        // Amounts may come from the template, as in "a" * -5.
        _left -= Math.Max(amount, 0);
        if (_left < 0)
        {
            throw new TemplateFault("the template asks for more work than a conversation can need", ErrorKind.Refused);
        }
    }

    /// <summary>Pays for reading or writing characters.</summary>
    public void SpendText(long characters) => Spend(1 + (characters / CharactersPerStep));

    /// <summary>
    /// Refuses to go deeper where the stack would overflow, which would end the process: no catch could save it. Called at every recursion
    /// of parser and interpreter, because the depth is the template's and the stack is the caller's.
    /// </summary>
    public static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateFault("it is nested too deeply", ErrorKind.Refused);
        }
    }
}
