using Noos.Kernel.Tracing;

namespace Noos.Server.Answers;

/// <summary>One thing that happened in one of the answers to a request.</summary>
/// <param name="Index">Which answer, from 0.</param>
/// <param name="Event">What happened.</param>
readonly record struct AnswerEvent(int Index, TraceEvent Event);
