using System.Runtime.CompilerServices;

namespace RalmActors.TestSupport;

/// <summary>Waits for what must become so: no spec sleeps for a while instead.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than anything takes on a busy machine: only failures wait so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <exception cref="TimeoutException">It did not become so; the message has the condition's text.</exception>
    public static async Task Is(
        Func<Task<bool>> condition,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"not so within {Patience}: {what}");
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <inheritdoc cref="Is(Func{Task{bool}}, string)"/>
    public static Task Is(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Is(() => Task.FromResult(condition()), what);

    /// <summary>Until it is the value expected; the failure says which one it was last.</summary>
    /// <exception cref="TimeoutException">It was another one to the end.</exception>
    public static async Task Is<T>(
        T expected,
        Func<Task<T>> actual,
        [CallerArgumentExpression(nameof(actual))] string what = ""
    )
    {
        var last = default(T);
        try
        {
            await Is(async () => Equals(expected, last = await actual()), what);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} (expected {expected}, last {last})", e);
        }
    }

    /// <summary>Asks until the answer is the one wanted; that answer.</summary>
    /// <exception cref="TimeoutException">It was another one to the end.</exception>
    public static async Task<T> Value<T>(
        Func<Task<T>> ask,
        Func<T, bool> holds,
        [CallerArgumentExpression(nameof(holds))] string what = ""
    )
    {
        var value = default(T)!;
        await Is(async () => holds(value = await ask()), what);
        return value;
    }
}
