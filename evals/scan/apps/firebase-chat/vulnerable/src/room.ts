import { doc, getFirestore, updateDoc } from 'firebase/firestore';

export async function say(room: string, text: string) {
  const element = document.getElementById('log')!;
  element.innerHTML = text;
  await updateDoc(doc(getFirestore(), 'rooms', room), { last: text });
}
