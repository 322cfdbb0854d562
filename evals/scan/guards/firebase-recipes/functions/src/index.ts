import { HttpsError, onCall } from 'firebase-functions/v2/https';
import { getFirestore } from 'firebase-admin/firestore';
import { initializeApp } from 'firebase-admin/app';

initializeApp();

export const deleteRecipe = onCall(async (request) => {
  if (!request.auth) throw new HttpsError('unauthenticated', 'Sign in first');
  const id = String(request.data.id);
  const ref = getFirestore().collection('recipes').doc(id);
  const recipe = await ref.get();
  if (recipe.data()?.ownerId !== request.auth.uid) throw new HttpsError('permission-denied', 'Not yours');
  await ref.delete();
  return { ok: true };
});
