using Noos.Core;

namespace Noos.Kernel.Cpu;

/// <summary>The names of models that are to answer where the chosen one cannot.</summary>
public static class FallbackNames
{
    /// <summary>Refuses a name that no model has, before anything is asked.</summary>
    /// <exception cref="NoosException">There is no such model (NotFound); the field to blame is "fallbacks".</exception>
    public static void RequireKnown(this ICpu cpu, IReadOnlyList<string>? fallbacks)
    {
        ArgumentNullException.ThrowIfNull(cpu);
        foreach (var fallback in fallbacks ?? [])
        {
            try
            {
                if (cpu.Describe(fallback) is { IsEncoder: true } encoder)
                {
                    throw encoder.CannotChat("fallbacks");
                }
            }
            catch (NoosException unknown) when (unknown.Kind == ErrorKind.NotFound)
            {
                throw new NoosException(unknown.Kind, unknown.Message, unknown) { Code = unknown.Code, Parameter = "fallbacks" };
            }
        }
    }
}
