package org.recursivemas.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;

class PromptTest {
    private static Prompt<String> sample() {
        Prompt<String> prompt = new Prompt<>();
        prompt.add(new int[] {1, 2});
        prompt.add(new int[0]);
        prompt.add(new int[] {3});
        prompt.add("plan", 4);
        prompt.add("nothing", 0);
        prompt.add(new int[] {4, 5});
        return prompt;
    }

    @Test
    void neighbouringTextsBecomeOneStretch() {
        List<Prompt.Part<String>> parts = sample().slice(0, 9);
        assertEquals(3, parts.size());
        assertArrayEquals(new int[] {1, 2, 3}, parts.get(0).ids);
        assertNull(parts.get(0).latents);
        assertEquals("plan", parts.get(1).latents);
        assertEquals(4, parts.get(1).length);
        assertArrayEquals(new int[] {4, 5}, parts.get(2).ids);
    }

    @Test
    void slicesCutTextAndLatents() {
        Prompt<String> prompt = sample();
        assertEquals(9, prompt.positions());
        List<Prompt.Part<String>> parts = prompt.slice(2, 5);
        assertEquals(2, parts.size());
        assertArrayEquals(new int[] {3}, parts.get(0).ids);
        assertEquals(0, parts.get(1).firstRow);
        assertEquals(2, parts.get(1).length);
        parts = prompt.slice(5, 8);
        assertEquals(2, parts.get(0).firstRow);
        assertEquals(2, parts.get(0).length);
        assertArrayEquals(new int[] {4}, parts.get(1).ids);
    }

    @Test
    void everyCutGivesEveryPositionOnce() {
        for (int chunk = 1; chunk <= 10; chunk++) {
            int covered = 0;
            for (int from = 0; from < 9; from += chunk) {
                int to = Math.min(from + chunk, 9);
                int length = sample().slice(from, to).stream().mapToInt(part -> part.length).sum();
                assertEquals(to - from, length);
                covered += length;
            }
            assertEquals(9, covered);
        }
    }

    @Test
    void idsAreCopied() {
        int[] ids = {7, 8};
        Prompt<String> prompt = new Prompt<>();
        prompt.add(ids);
        ids[0] = 0;
        assertEquals(7, prompt.slice(0, 1).get(0).ids[0]);
        String latents = "same";
        prompt.add(latents, 1);
        assertSame(latents, prompt.slice(2, 3).get(0).latents);
    }
}
