using System.Text;
using Noos.Core;

namespace Noos.Cli.Accounts;

/// <summary>Asks for a password: twice and unseen in a terminal; else it is a line of standard input.</summary>
static class PasswordPrompt
{
    /// <param name="question">What is asked.</param>
    /// <exception cref="NoosException">Both are not the same, or there is none.</exception>
    public static string ReadNew(string question)
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() is { Length: > 0 } line ? line : throw None();
        }

        var password = ReadHidden($"{question} ");
        if (password.Length == 0)
        {
            throw None();
        }

        return ReadHidden("Once more: ") == password ? password
            : throw new NoosException("The two passwords are not the same; nothing was changed, try again.");
    }

    static string ReadHidden(string question)
    {
        // Standard output may be a file.
        Console.Error.Write(question);
        var text = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                Console.Error.WriteLine();
                return text.ToString();
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length -= text.Length > 0 ? 1 : 0;
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }
    }

    static NoosException None() => new("There is no password; give one of at least 8 characters.");
}
