using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;

namespace Noos.Inference.ToolCalls;

/// <summary>The grammar of one tool's calls, from which a notation builds its own.</summary>
/// <param name="Name">As the model writes it.</param>
/// <param name="Arguments">The arguments as one JSON object.</param>
/// <param name="Parameters">The arguments one by one.</param>
/// <param name="IsAlone">No other call may stand beside it.</param>
sealed record CallGrammar(
    string Name, Lazy<GrammarNode> Arguments, Lazy<IReadOnlyList<ParameterGrammar>> Parameters, bool IsAlone = false);

/// <summary>A token that opens a call, and the grammar of what follows it.</summary>
sealed record CallOpening(int Token, GrammarNode Body);

/// <summary>A call without a token of its own: an answer that begins with a certain text.</summary>
/// <param name="Trigger">The text by which such an answer is known.</param>
/// <param name="Body">The whole of it.</param>
sealed record CallStart(string Trigger, GrammarNode Body);
