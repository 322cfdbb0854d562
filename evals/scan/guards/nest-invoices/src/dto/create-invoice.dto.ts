import { IsNumber, IsString, MaxLength, Min } from 'class-validator';

export class CreateInvoiceDto {
  @IsNumber()
  @Min(0)
  amount: number;

  @IsString()
  @MaxLength(200)
  customer: string;
}
